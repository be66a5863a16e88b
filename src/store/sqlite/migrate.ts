import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { TuttiError } from "../../errors.ts";
import { makeFile, removeFile, replaceFile } from "../../host/files.ts";
import { FIRST_SCHEMA, MIGRATIONS, newestSchema } from "./schema.ts";

/** The schema of a file: 0 when it is empty. Throws for a database that is not ours, or not of a Tutti that we know. */
export function schemaOf(db: DatabaseSyncInstance, path: string, known: number = newestSchema()): number {
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
  if (schema < FIRST_SCHEMA) {
    const problem =
      `it was written by an older development version of Tutti; this one cannot read it. ` +
      `Move ${path} and ${path}-wal away, and a new store is made.`;
    throw new TuttiError("STORE_UNUSABLE", { store: path, problem });
  }
  return schema;
}

/**
 * Brings a file to the newest schema, one transaction per step. One that holds something is first copied to
 * `<path>.before-v<newest>`.
 */
export function migrate(db: DatabaseSyncInstance, path: string, migrations: readonly string[] = MIGRATIONS): void {
  const newest = newestSchema(migrations);
  const schema = schemaOf(db, path, newest);
  if (schema > 0 && schema < newest) backUp(db, `${path}.before-v${newest}`);
  for (let next = Math.max(schema + 1, FIRST_SCHEMA); next <= newest; next++) {
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(migrations[next - FIRST_SCHEMA] as string);
      db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)").run(String(next));
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
