import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { TuttiError } from "../../errors.ts";
import { makeFile, removeFile, replaceFile } from "../../host/files.ts";
import { MIGRATIONS } from "./schema.ts";

/** The schema of a file: 0 when it is empty. Throws for a database that is not ours, or of a newer Tutti. */
export function schemaOf(db: DatabaseSyncInstance, path: string, known: number = MIGRATIONS.length): number {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[];
  if (tables.length === 0) return 0;
  const meta = tables.some(({ name }) => name === "meta")
    ? (db.prepare("SELECT value FROM meta WHERE key = 'schema'").get() as { value: string } | undefined)
    : undefined;
  if (!meta) throw new TuttiError("STORE_UNUSABLE", { store: path, problem: "it is a database of something else." });
  const schema = Number(meta.value);
  if (schema > known) {
    const problem = `it has schema ${schema} and this Tutti knows schemas up to ${known}. Use a newer Tutti.`;
    throw new TuttiError("STORE_UNUSABLE", { store: path, problem });
  }
  return schema;
}

/**
 * Brings a file to the newest schema, one transaction per step. One that holds something is first copied to
 * `<path>.before-v<newest>`.
 */
export function migrate(db: DatabaseSyncInstance, path: string, migrations: readonly string[] = MIGRATIONS): void {
  const schema = schemaOf(db, path, migrations.length);
  if (schema > 0 && schema < migrations.length) backUp(db, `${path}.before-v${migrations.length}`);
  for (let step = schema; step < migrations.length; step++) {
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(migrations[step] as string);
      db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)").run(String(step + 1));
      db.exec("COMMIT");
    } catch (thrown) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw thrown;
    }
  }
}

/** A whole copy or none: it gets its name when it is complete. */
function backUp(db: DatabaseSyncInstance, path: string): void {
  const part = `${path}.part`;
  removeFile(part);
  makeFile(part);
  db.prepare("VACUUM INTO ?").run(part);
  replaceFile(part, path);
}
