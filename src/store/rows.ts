/**
 * The encoded half of the store: rows of integers and text, no meaning. One adapter per folder implements it; the
 * codec writes and reads what lies in the rows.
 *
 * Rules every adapter keeps (contract.ts holds them)
 *  R1  One `RunWrite` is written whole or not at all; an adapter may join many into one transaction.
 *  R2  The events of a write follow the last event of their run (seq + 1), or nothing of the write is kept.
 *  R3  What `write` and `putBlob` resolved for is durable.
 */

/** An instance's row may be numbered run × 2²⁰ + index: within the 53 bits of a JavaScript integer. */
export const MAX_INSTANCES = 2 ** 20;
export const MAX_RUNS = 2 ** 33 - 1;

/** An event as it lies in the journal. `crc` is the checksum of its body, chained over the previous row's. */
export interface EventRow {
  readonly seq: number;
  readonly body: string;
  readonly crc: number;
}

/** What lists show of a run. */
export interface RunColumns {
  /** The run's number in this store, from 1: its rows are found by it, its text id lies only here. */
  readonly run: number;
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly hash: string;
  readonly status: string;
  readonly priority: string;
  /** A JSON array of texts. */
  readonly tags: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  /** `null`: the run is open. */
  readonly endedAt: number | null;
}

export interface RunRow extends RunColumns {
  /** Everything else about the run but its instances, as JSON. */
  readonly head: string;
}

export interface InstanceRow {
  readonly index: number;
  readonly body: string;
}

export interface LogRow {
  readonly path: string;
  readonly body: string;
}

/** One run's part of a write. The last event's seq and crc become the run's position. */
export interface RunWrite {
  readonly run: number;
  readonly events: readonly EventRow[];
  /** With the first event, and when something of it has changed: its status, times and head. */
  readonly row: RunRow | undefined;
  /** Replaces what lies under its hash. */
  readonly definition: { readonly hash: string; readonly body: string } | undefined;
  readonly instances: readonly InstanceRow[];
  readonly logs: readonly LogRow[];
}

/** Where the journal of a run ends. Kept apart from its row, because every commit changes it and nothing else. */
export interface Position {
  readonly seq: number;
  readonly crc: number;
}

export interface StoredRun {
  readonly row: RunRow;
  readonly position: Position;
}

/** All there is of a run but its journal, as of one moment. */
export interface LoadedRun extends StoredRun {
  readonly instances: readonly InstanceRow[];
  /** The events from the last but one on: two, or one when the journal holds one. */
  readonly tail: readonly EventRow[];
}

export interface RunQuery {
  readonly status: readonly string[] | undefined;
  readonly workflow: string | undefined;
  readonly tag: string | undefined;
  /** Only runs with smaller numbers. */
  readonly before: number;
  readonly limit: number;
}

/** What may be read, by the owner and by others. */
export interface RowReader {
  /** Made with the store, never changed. */
  readonly id: string;
  /** What messages call it: its path. */
  readonly name: string;
  find(id: string): Promise<StoredRun | undefined>;
  load(id: string): Promise<LoadedRun | undefined>;
  /** The ids of the runs that have not ended, oldest first. */
  openRuns(): Promise<readonly string[]>;
  /** Newest first. */
  runs(query: RunQuery): Promise<readonly RunColumns[]>;
  /** In order, from `afterSeq` + 1 on. */
  events(run: number, afterSeq: number, limit: number): Promise<readonly EventRow[]>;
  /** The bodies of the last `limit` lines, in the order they were written. */
  logs(run: number, path: string | undefined, limit: number): Promise<readonly string[]>;
  definition(hash: string): Promise<string | undefined>;
  blob(hash: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface RowStore extends RowReader {
  /** The highest number of a run, 0 when there is none. */
  readonly lastRun: number;
  write(writes: readonly RunWrite[]): Promise<void>;
  /** Replaces what lies under its hash. */
  putBlob(hash: string, size: number, body: string): Promise<void>;
}
