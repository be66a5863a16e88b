/**
 * The writing half of the store: commits in, rows out.
 *
 * Invariants
 *  S1  Commits are written one after the other, in the order of the calls, and checked before any row is.
 *  S2  A run's events are gapless and chained; the position beside its row says where they end.
 *  S3  A cursor equals what the rows say, or there is none: it goes when a write fails and when its run ends.
 *  S4  A commit that is there already, byte for byte, is done: it may be tried again as it is, whatever became of it.
 */
import type { Run, RunStatus } from "../run/state.ts";
import { statusOf } from "../run/status.ts";
import { invariant } from "../std/invariant.ts";
import { encodeDefinition, encodeEvent, encodeInstance, encodeLog, encodeRun, sameHead } from "./codec.ts";
import type { Pins } from "./pins.ts";
import type { RunCommit } from "./port.ts";
import { MAX_INSTANCES, MAX_RUNS } from "./rows.ts";
import type { EventRow, LogRow, RowStore, RunWrite, StoredRun } from "./rows.ts";

/** What a run's next commit must know of its last one. */
interface Cursor {
  readonly run: number;
  seq: number;
  crc: number;
  /** The run as its row was last compared with; `undefined`: not known, so the row is written. */
  last: Run | undefined;
  status: RunStatus | undefined;
}

export class Commits {
  private readonly rows: RowStore;
  private readonly pins: Pins;
  /** By run id, of open runs only. */
  private readonly cursors = new Map<string, Cursor>();
  private lastRun: number;
  private lastWrite: Promise<void> = Promise.resolve();

  constructor(rows: RowStore, pins: Pins) {
    this.rows = rows;
    this.pins = pins;
    this.lastRun = rows.lastRun;
  }

  write(commits: readonly RunCommit[]): Promise<void> {
    const written = this.lastWrite.then(() => this.writeNow(commits));
    this.lastWrite = written.catch(() => undefined);
    return written;
  }

  /** Resolves when nothing is being written any more. */
  settled(): Promise<void> {
    return this.lastWrite;
  }

  /** An open run has been read: its next commit need not look for it. */
  opened({ row, position }: StoredRun, run: Run): void {
    if (this.cursors.has(run.id)) return;
    this.cursors.set(run.id, { run: row.run, ...position, last: run, status: row.status as RunStatus });
  }

  private async writeNow(commits: readonly RunCommit[]): Promise<void> {
    const missing: RunCommit[] = [];
    for (const commit of commits) {
      const cursor = this.cursors.get(commit.run.id) ?? (await this.findCursor(commit.run.id));
      const first = commit.events[0]?.seq ?? Infinity;
      if (!cursor || first > cursor.seq || !(await this.isWritten(commit, cursor.run))) missing.push(commit);
    }
    try {
      const writes: RunWrite[] = [];
      const defined = new Set<string>();
      for (const commit of missing) writes.push(this.encode(commit, defined));
      await this.rows.write(writes);
    } catch (thrown) {
      for (const { run } of commits) this.cursors.delete(run.id);
      throw thrown;
    }
    for (const { run } of commits) {
      this.pins.keep(run.workflow.hash, run.pinned);
      if (run.end !== undefined) this.cursors.delete(run.id);
    }
  }

  private async findCursor(runId: string): Promise<Cursor | undefined> {
    const found = await this.rows.find(runId);
    if (!found) return undefined;
    const cursor = { run: found.row.run, ...found.position, last: undefined, status: undefined };
    this.cursors.set(runId, cursor);
    return cursor;
  }

  /** Whether the journal holds these very events: a commit whose answer was lost is asked for again. */
  private async isWritten({ run, events }: RunCommit, number: number): Promise<boolean> {
    const rows = await this.rows.events(number, (events[0]?.seq ?? 1) - 1, events.length);
    return events.every((event, index) => rows[index]?.body === encodeEvent(run.id, event, 0).body);
  }

  /** `defined`: hashes that the batch has brought so far. */
  private encode(commit: RunCommit, defined: Set<string>): RunWrite {
    const { run, changed, logs } = commit;
    invariant(run.instances.length <= MAX_INSTANCES, `run ${run.id} has more than ${MAX_INSTANCES} instances`);
    const cursor = this.cursors.get(run.id) ?? this.newCursor(commit);
    const events = encodeEvents(commit, cursor);
    const status = statusOf(run);
    const same = cursor.last !== undefined && cursor.status === status && sameHead(cursor.last, run);
    cursor.last = run;
    cursor.status = status;
    return {
      run: cursor.run,
      events,
      row: same ? undefined : encodeRun(cursor.run, run, status),
      definition: this.newDefinition(commit, defined),
      instances: changed.map((instance) => encodeInstance(cursor.run, instance)),
      logs: logs.length === 0 ? NO_LOGS : logs.map((line) => encodeLog(cursor.run, line)),
    };
  }

  private newCursor({ run, definition }: RunCommit): Cursor {
    invariant(definition, `run ${run.id} is not in the store, and this commit brings no definition to begin it`);
    invariant(this.lastRun < MAX_RUNS, `the store holds ${MAX_RUNS} runs and can hold no more`);
    invariant(!`${run.id}${run.workflow.id}${run.workflow.version}`.includes("\0"), "an id with a NUL in it");
    const cursor = { run: ++this.lastRun, seq: 0, crc: 0, last: undefined, status: undefined };
    this.cursors.set(run.id, cursor);
    return cursor;
  }

  private newDefinition({ run, definition }: RunCommit, defined: Set<string>): RunWrite["definition"] {
    const { hash } = run.workflow;
    if (definition === undefined || this.pins.has(hash) || defined.has(hash)) return undefined;
    defined.add(hash);
    return { hash, body: encodeDefinition(hash, definition) };
  }
}

const NO_LOGS: readonly LogRow[] = [];

/** Moves the cursor on; a commit that fails drops it. */
function encodeEvents({ run, events }: RunCommit, cursor: Cursor): readonly EventRow[] {
  const rows: EventRow[] = [];
  for (const event of events) {
    invariant(event.seq === cursor.seq + 1, `event ${event.seq} of run ${run.id} after event ${cursor.seq}`);
    const row = encodeEvent(run.id, event, cursor.crc);
    cursor.seq = row.seq;
    cursor.crc = row.crc;
    rows.push(row);
  }
  invariant(run.seq === cursor.seq, `run ${run.id} is at event ${run.seq}, its journal at ${cursor.seq}`);
  return rows;
}
