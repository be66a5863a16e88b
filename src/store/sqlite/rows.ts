/**
 * Rows in one SQLite file.
 *
 * Invariants
 *  Q1  One transaction per write; it resolves after COMMIT, which has synced the log (synchronous = FULL).
 *  Q2  After an error that leaves us unsure whether something is on disk the process ends at once: a later sync of
 *      the same file may succeed without what was lost. What is on disk is the truth when it starts again.
 *  Q3  What is acknowledged lies under the store's name: when its files are found to be gone, the same (place.ts).
 *  Q4  Checkpoints run here and nowhere else, so that a failed sync in one is seen (Q2).
 */
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import { TuttiError } from "../../errors.ts";
import { invariant } from "../../std/invariant.ts";
import { MAX_INSTANCES } from "../rows.ts";
import type { RowStore, RunRow, RunWrite } from "../rows.ts";
import { asUnusable, isKnownNotWritten, lastWords } from "./failure.ts";
import type { Die } from "./failure.ts";
import { Insert } from "./insert.ts";
import type { Place } from "./place.ts";
import { SqliteReader } from "./reader.ts";

/** Pages of the log (4 KB each) that are written home at once. */
const CHECKPOINT_PAGES = 4_000;

export interface SqliteRowsOptions {
  readonly id: string;
  /** The path, for messages. */
  readonly name: string;
  readonly die: Die;
  readonly place: Place;
  /** After the file is closed. */
  readonly onClose: () => void;
}

export class SqliteRows extends SqliteReader implements RowStore {
  readonly lastRun: number;
  private readonly die: Die;
  private readonly place: Place;
  private readonly onClose: () => void;
  private readonly beginWrite: StatementSyncInstance;
  private readonly commitWrite: StatementSyncInstance;
  private readonly backlog: StatementSyncInstance;
  private readonly checkpoint: StatementSyncInstance;
  private readonly emptyLog: StatementSyncInstance;
  private readonly upsertDefinition: StatementSyncInstance;
  private readonly insertRun: StatementSyncInstance;
  private readonly insertTag: StatementSyncInstance;
  private readonly updateRun: StatementSyncInstance;
  private readonly upsertBlob: StatementSyncInstance;
  private readonly eventRows: Insert;
  private readonly positionRows: Insert;
  private readonly instanceRows: Insert;
  private readonly logRows: Insert;
  /** After an error that left us unsure, where `die` came back (in tests). */
  private dead = false;

  constructor(db: DatabaseSyncInstance, { id, name, die, place, onClose }: SqliteRowsOptions) {
    super(db, id, name);
    this.die = die;
    this.place = place;
    this.onClose = onClose;
    this.lastRun = (db.prepare("SELECT coalesce(max(run), 0) AS run FROM runs").get() as { run: number }).run;
    this.beginWrite = db.prepare("BEGIN IMMEDIATE");
    this.commitWrite = db.prepare("COMMIT");
    this.backlog = db.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.checkpoint = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    this.emptyLog = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    // One that is there already may be damaged, and this run will rely on it.
    this.upsertDefinition = db.prepare(
      `INSERT INTO definitions (hash, body) VALUES (?, ?)
       ON CONFLICT (hash) DO UPDATE SET body = excluded.body WHERE body IS NOT excluded.body`,
    );
    this.insertRun = db.prepare(
      `INSERT INTO runs (run, id, workflow, version, hash, status, priority, tags, created_at, started_at, ended_at, head)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.insertTag = db.prepare("INSERT OR IGNORE INTO run_tags (tag, run) VALUES (?, ?)");
    this.updateRun = db.prepare("UPDATE runs SET status = ?, started_at = ?, ended_at = ?, head = ? WHERE run = ?");
    // The same of a value; one that is there as it should be is not written again, and costs no sync.
    this.upsertBlob = db.prepare(
      `INSERT INTO blobs (hash, size, body) VALUES (?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET size = excluded.size, body = excluded.body WHERE body IS NOT excluded.body`,
    );
    this.eventRows = new Insert(db, "INSERT INTO events (run, seq, body, crc)", 4);
    this.positionRows = new Insert(db, "REPLACE INTO positions (run, seq, crc)", 3);
    this.instanceRows = new Insert(db, "REPLACE INTO instances (id, body)", 2);
    this.logRows = new Insert(db, "INSERT INTO logs (run, path, body)", 3);
  }

  async write(writes: readonly RunWrite[]): Promise<void> {
    this.transaction(() => {
      for (const write of writes) this.add(write);
      this.eventRows.flush();
      this.positionRows.flush();
      this.instanceRows.flush();
      this.logRows.flush();
    });
    this.requireInPlace(writes.some(({ row }) => row?.endedAt !== undefined && row.endedAt !== null));
  }

  async putBlob(hash: string, size: number, body: string): Promise<void> {
    this.transaction(() => this.upsertBlob.run(hash, size, body));
    this.requireInPlace(false);
  }

  /**
   * The driver finalizes statements only when they are collected, and until then SQLite keeps the file open; so the
   * log is written home here and not left to the last close.
   */
  override async close(): Promise<void> {
    this.shortenLog(this.emptyLog);
    await super.close();
    this.onClose();
  }

  private add({ run, events, row, definition, instances, logs }: RunWrite): void {
    if (definition) this.upsertDefinition.run(definition.hash, definition.body);
    if (row) this.putRow(row, events[0]?.seq === 1);
    for (const { seq, body, crc } of events) this.eventRows.add(run, seq, body, crc);
    const end = events.at(-1);
    if (end) this.positionRows.add(run, end.seq, end.crc);
    const first = run * MAX_INSTANCES;
    for (const { index, body } of instances) this.instanceRows.add(first + index, body);
    for (const { path, body } of logs) this.logRows.add(run, path, body);
  }

  private putRow(row: RunRow, isNew: boolean): void {
    const { run, status, startedAt, endedAt, head } = row;
    if (!isNew) {
      const { changes } = this.updateRun.run(status, startedAt, endedAt, head, run);
      invariant(changes === 1, `run ${row.id} has no row ${run}`);
      return;
    }
    const { id, workflow, version, hash, priority, tags, createdAt } = row;
    this.insertRun.run(run, id, workflow, version, hash, status, priority, tags, createdAt, startedAt, endedAt, head);
    for (const tag of JSON.parse(tags) as string[]) this.insertTag.run(JSON.stringify(tag), run);
  }

  private transaction(work: () => void): void {
    if (this.dead) {
      const problem = "an earlier write of it has failed.";
      throw new TuttiError("STORE_UNUSABLE", { store: this.name, problem });
    }
    try {
      this.beginWrite.run();
      work();
      this.commitWrite.run();
    } catch (thrown) {
      this.undo(thrown);
      throw asUnusable(this.name, thrown);
    }
    const { log, checkpointed } = this.backlog.get() as { log: number; checkpointed: number };
    if (log - checkpointed >= CHECKPOINT_PAGES) this.shortenLog(this.checkpoint);
  }

  private requireInPlace(now: boolean): void {
    const lost = this.place.lost(now);
    if (lost === undefined) return;
    this.dead = true;
    const problem = `${lost} was moved, removed or replaced while this process had it open.`;
    this.die(
      `tutti: ${problem} Ending at once: what was written since then is only where that file is now; ` +
        `if it was removed, it is lost.`,
    );
    throw new TuttiError("STORE_UNUSABLE", { store: this.name, problem });
  }

  private undo(thrown: unknown): void {
    for (const rows of [this.eventRows, this.positionRows, this.instanceRows, this.logRows]) rows.clear();
    if (!isKnownNotWritten(thrown)) return this.giveUp(thrown);
    try {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
    } catch (second) {
      this.giveUp(second);
    }
  }

  /** What is in the log is durable already: where there is no room for it at home it stays there for now. */
  private shortenLog(checkpoint: StatementSyncInstance): void {
    try {
      checkpoint.get();
    } catch (thrown) {
      if (!isKnownNotWritten(thrown)) this.giveUp(thrown);
    }
  }

  private giveUp(thrown: unknown): void {
    this.dead = true;
    this.die(lastWords(this.name, thrown));
  }
}
