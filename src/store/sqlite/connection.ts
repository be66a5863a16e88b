import { DatabaseSync } from "@photostructure/sqlite";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { TuttiError } from "../../errors.ts";
import { sizeOf } from "../../host/files.ts";

/** Older ones can damage a WAL database when two connections write and checkpoint at once. */
const OLDEST_SQLITE = [3, 51, 3] as const;
/** How long another program's write transaction is waited for. */
const BUSY_MS = 5_000;
const FULL = 2;

/**
 * What a writer must have, and what SQLite must say it has: drivers are built with weaker defaults that apply from
 * the second opening of a file on. Checkpoints are ours (rows.ts), because the automatic one hides a failed sync.
 */
const WRITER = [
  ["journal_mode", "WAL", "wal"],
  ["synchronous", "FULL", FULL],
  ["foreign_keys", "ON", 1],
  ["wal_autocheckpoint", "0", 0],
  ["busy_timeout", String(BUSY_MS), BUSY_MS],
] as const;

export function openWriter(path: string): DatabaseSyncInstance {
  return opened(path, new DatabaseSync(path, { timeout: BUSY_MS }), (db) => {
    for (const [name, value, expected] of WRITER) {
      db.exec(`PRAGMA ${name} = ${value}`);
      const found = pragma(db, name);
      if (found !== expected) throw unusable(path, `SQLite answers ${name} = ${String(found)} instead of ${expected}.`);
    }
    db.exec(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}; PRAGMA cache_size = -32768`);
  });
}

export function openReader(path: string): DatabaseSyncInstance {
  return opened(path, new DatabaseSync(path, { timeout: BUSY_MS, readOnly: true }), () => undefined);
}

/** The one value of a pragma. */
export function pragma(db: DatabaseSyncInstance, name: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() as object)[0];
}

function opened(
  path: string,
  db: DatabaseSyncInstance,
  prepare: (db: DatabaseSyncInstance) => void,
): DatabaseSyncInstance {
  try {
    const { version } = db.prepare("SELECT sqlite_version() AS version").get() as { version: string };
    if (isOlder(version)) throw unusable(path, `SQLite ${version} is older than ${OLDEST_SQLITE.join(".")}.`);
    prepare(db);
    requireWhole(path, db);
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** SQLite reads a page whose end is missing as if zeros were there. What is in the log will be written home. */
function requireWhole(path: string, db: DatabaseSyncInstance): void {
  const pageSize = Number(pragma(db, "page_size"));
  if (sizeOf(`${path}-wal`) > 0 || sizeOf(path) % pageSize === 0) return;
  throw unusable(path, "its file is cut short.");
}

export function isOlder(version: string): boolean {
  const parts = version.split(".").map(Number);
  for (const [place, oldest] of OLDEST_SQLITE.entries()) {
    const part = parts[place] ?? 0;
    if (part !== oldest) return part < oldest;
  }
  return false;
}

function unusable(store: string, problem: string): TuttiError {
  return new TuttiError("STORE_UNUSABLE", { store, problem });
}
