/**
 * What SQLite and the disk allow: the rows that the product has written, ready-made, written again by a loop that does
 * nothing else. The same tables, the same commits, each synced; as few calls as SQLite is quickest with.
 */
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import { MAX_INSTANCES } from "../src/store/rows.ts";
import type { RunRow, RunWrite } from "../src/store/rows.ts";
import { openWriter } from "../src/store/sqlite/connection.ts";
import type { Value } from "../src/store/sqlite/insert.ts";
import { openSqliteRows } from "../src/store/sqlite/open.ts";

/** Rows of one call: the quickest of 4, 8, 16, 50 and 200 (measured). */
const ROWS = 16;
/** As the store does it. */
const CHECKPOINT_PAGES = 4_000;

type Call = readonly [StatementSyncInstance, readonly Value[]];
type Commits = readonly (readonly RunWrite[])[];

/** ms that the loop takes over these commits. */
export async function limit(commits: Commits, file: string): Promise<number> {
  await openSqliteRows(file).close();
  const db = openWriter(file);
  const insert = inserter(db);
  const update = db.prepare(CHANGED_RUN);
  return timed(
    db,
    commits.map((writes) => callsOf(writes, insert, update)),
  );
}

/** The same for the bodies of the events alone, in a bare table. */
export function append(commits: Commits, file: string): number {
  const db = openWriter(file);
  db.exec("CREATE TABLE log (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
  const insert = inserter(db);
  return timed(
    db,
    commits.map((writes) =>
      insert(
        "INSERT INTO log (body)",
        writes.flatMap(({ events }) => events.map(({ body }) => [body])),
      ),
    ),
  );
}

function timed(db: DatabaseSyncInstance, commits: readonly (readonly Call[])[]): number {
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const started = performance.now();
  for (const calls of commits) {
    begin.run();
    for (const [statement, values] of calls) statement.run(...values);
    commit.run();
  }
  const spent = performance.now() - started;
  db.close();
  return spent;
}

type InsertRows = (into: string, rows: readonly (readonly Value[])[]) => readonly Call[];

function inserter(db: DatabaseSyncInstance): InsertRows {
  const prepared = new Map<string, StatementSyncInstance>();
  return (into, rows) => {
    const calls: Call[] = [];
    for (let at = 0; at < rows.length; at += ROWS) {
      const some = rows.slice(at, at + ROWS);
      const marks = some.map((row) => `(${row.map(() => "?").join(", ")})`).join(", ");
      const text = `${into} VALUES ${marks}`;
      const statement = prepared.get(text) ?? db.prepare(text);
      prepared.set(text, statement);
      calls.push([statement, some.flat()]);
    }
    return calls;
  };
}

function callsOf(writes: readonly RunWrite[], insert: InsertRows, update: StatementSyncInstance): readonly Call[] {
  const definitions = writes.flatMap(({ definition: made }) => (made ? [[made.hash, made.body]] : []));
  const isNew = ({ events: [first] }: RunWrite): boolean => first?.seq === 1;
  const heads = (wanted: boolean) =>
    writes.flatMap((write) => (write.row && isNew(write) === wanted ? [write.row] : []));
  const begun = heads(true).map(columnsOf);
  const changed = heads(false).map((row) => [row.status, row.startedAt, row.endedAt, row.head, row.run]);
  const events = writes.flatMap(({ run, events: all }) => all.map(({ seq, body, crc }) => [run, seq, body, crc]));
  const ends = writes.flatMap(({ run, events: all }) => all.slice(-1).map(({ seq, crc }) => [run, seq, crc]));
  const instances = writes.flatMap(({ run, instances: all }) =>
    all.map(({ index, body }) => [run * MAX_INSTANCES + index, body]),
  );
  return [
    ...insert("INSERT INTO definitions (hash, body)", definitions),
    ...insert(NEW_RUN, begun),
    ...changed.map((values): Call => [update, values]),
    ...insert("INSERT INTO events (run, seq, body, crc)", events),
    ...insert("REPLACE INTO positions (run, seq, crc)", ends),
    ...insert("REPLACE INTO instances (id, body)", instances),
  ];
}

function columnsOf(row: RunRow): readonly Value[] {
  const { run, id, workflow, version, hash, status, priority, tags, createdAt, startedAt, endedAt, head } = row;
  return [run, id, workflow, version, hash, status, priority, tags, createdAt, startedAt, endedAt, head];
}

const NEW_RUN =
  "INSERT INTO runs (run, id, workflow, version, hash, status, priority, tags, created_at, started_at, ended_at, head)";
const CHANGED_RUN = "UPDATE runs SET status = ?, started_at = ?, ended_at = ?, head = ? WHERE run = ?";
