/** What SQLite is here, asked of a database of its own that is gone afterwards; and what schema a store has. */
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { join } from "node:path";
import { removeFile } from "../../host/files.ts";
import { systemClock } from "../../std/clock.ts";
import { openReader, openWriter, pragma } from "./connection.ts";
import { usable } from "./failure.ts";
import { schemaOf } from "./migrate.ts";
import { newestSchema } from "./schema.ts";

export interface SqliteFacts {
  readonly version: string;
  readonly journalMode: string;
  /** 2: FULL. */
  readonly synchronous: number;
  /** The median of a few commits of one row, each synced. */
  readonly commitMs: number;
}

export interface SchemaFacts {
  readonly schema: number;
  readonly newest: number;
  /** What SQLite finds wrong with the file's own structure: rows and events carry their own checksums. */
  readonly damage: string | undefined;
}

const COMMITS = 5;

/** Makes a database in the folder as a store would be opened, commits a few rows and removes it. */
export function probeSqlite(folder: string): SqliteFacts {
  const file = join(folder, `.tutti-probe-${process.pid}.db`);
  return usable(file, () => {
    try {
      const db = openWriter(file);
      try {
        return factsOf(db);
      } finally {
        db.close();
      }
    } finally {
      for (const ending of ["", "-wal", "-shm"]) removeFile(`${file}${ending}`);
    }
  });
}

function factsOf(db: DatabaseSyncInstance): SqliteFacts {
  db.exec("CREATE TABLE probe (value INTEGER)");
  const insert = db.prepare("INSERT INTO probe (value) VALUES (?)");
  const times = Array.from({ length: COMMITS }, (_, value) => {
    const began = systemClock.uptime();
    insert.run(value);
    return systemClock.uptime() - began;
  });
  const { version } = db.prepare("SELECT sqlite_version() AS version").get() as { version: string };
  return {
    version,
    journalMode: String(pragma(db, "journal_mode")),
    synchronous: Number(pragma(db, "synchronous")),
    commitMs: times.sort((a, b) => a - b)[Math.floor(COMMITS / 2)] ?? 0,
  };
}

/** Reads the whole file. Throws STORE_UNUSABLE for what is not a store, or not of a schema known here. */
export function probeSchema(store: string): SchemaFacts {
  return usable(store, () => {
    const db = openReader(store);
    try {
      const schema = schemaOf(db, store);
      const found = String(pragma(db, "integrity_check(1)"));
      return { schema, newest: newestSchema(), damage: found === "ok" ? undefined : found };
    } finally {
      db.close();
    }
  });
}
