/** What the first entry below makes. Schema 1 had the same tables, and rows with checksums of other forms. */
export const FIRST_SCHEMA = 2;

/**
 * The tables, as numbered migrations: the first entry makes them, each one after it brings a store one schema further.
 * An entry is never changed once a release has it; a new shape is a new entry. So is a new form of what the codec puts
 * into a row, where it has no version of its own.
 *
 * What is written with every step lies on integer rowids and is appended or replaced in place; text keys are only
 * where a run begins. A run's position is apart from its row, because it changes with every commit and the row (with
 * the run's input in it) hardly ever.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE definitions (hash TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    version TEXT NOT NULL,
    hash TEXT NOT NULL REFERENCES definitions (hash),
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    tags TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    head TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_status ON runs (status, run);
  CREATE INDEX runs_by_workflow ON runs (workflow, run);
  CREATE INDEX runs_open ON runs (run) WHERE ended_at IS NULL;
  CREATE TABLE run_tags (tag TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (tag, run)) STRICT, WITHOUT ROWID;
  CREATE TABLE positions (run INTEGER PRIMARY KEY, seq INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_of_run ON events (run, seq);
  CREATE TABLE instances (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE logs (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX logs_of_run ON logs (run, path);
  CREATE TABLE blobs (hash TEXT PRIMARY KEY, size INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  `,
];

export function newestSchema(migrations: readonly string[] = MIGRATIONS): number {
  return FIRST_SCHEMA + migrations.length - 1;
}
