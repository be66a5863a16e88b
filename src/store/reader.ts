/** The reading half of the store. What it reads it checks: a damaged run is named, and hurts no other. */
import { hash } from "node:crypto";
import { TuttiError } from "../errors.ts";
import type { RunEvent } from "../run/events.ts";
import type { Ref } from "../run/ref.ts";
import { restoreRun } from "../run/restore.ts";
import type { RunFilter, RunPage } from "../run/runtime.ts";
import type { Run } from "../run/state.ts";
import type { LogLine } from "../task/log.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import { checkChain, decodeEvent, decodeHead, decodeInstance, decodeLog, decodeSummary } from "./codec.ts";
import { Pins } from "./pins.ts";
import type { Store } from "./port.ts";
import { MAX_RUNS } from "./rows.ts";
import type { EventRow, LoadedRun, Position, RowReader, StoredRun } from "./rows.ts";

/** What another process may do with a store it does not own. */
export type StoreReader = Omit<Store, "commit" | "putBlob">;

const PAGE_DEFAULT = 100;
const PAGE_LIMIT = 1_000;
/** Before the first event. */
const START: Position = { seq: 0, crc: 0 };

export class DurableReader implements StoreReader {
  readonly id: string;
  protected readonly pins: Pins;
  private readonly rows: RowReader;
  private closed = false;

  constructor(rows: RowReader) {
    this.id = rows.id;
    this.rows = rows;
    this.pins = new Pins(rows);
  }

  async openRuns(): ReturnType<Store["openRuns"]> {
    const runs: Run[] = [];
    const damaged: { runId: string; problem: string }[] = [];
    for (const runId of await this.live().openRuns()) {
      try {
        const loaded = await this.rows.load(runId);
        if (!loaded) throw new Error("its row cannot be found by its id");
        const run = await this.restored(loaded);
        this.opened(loaded, run);
        runs.push(run);
      } catch (thrown) {
        damaged.push({ runId, problem: problemOf(thrown) });
      }
    }
    return { runs, damaged };
  }

  async run(runId: string): Promise<Run | undefined> {
    const loaded = await this.live().load(runId);
    return loaded && orDamaged(runId, () => this.restored(loaded));
  }

  async runs(filter: RunFilter): Promise<RunPage> {
    const limit = Math.min(Math.max(1, filter.limit ?? PAGE_DEFAULT), PAGE_LIMIT);
    const rows = await this.live().runs({
      status: filter.status,
      workflow: filter.workflow,
      tag: filter.tag,
      before: filter.cursor === undefined ? MAX_RUNS + 1 : fromCursor(filter.cursor),
      limit: limit + 1,
    });
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return { items: rows.slice(0, limit).map(decodeSummary), nextCursor: last && toCursor(last.run) };
  }

  async events(runId: string, afterSeq: number, limit: number): Promise<readonly RunEvent[]> {
    const found = await this.live().find(runId);
    if (!found) return [];
    const { row, position } = found;
    // With the row before the first one shown, if there is one: that one's sum follows from its.
    const before = Math.min(1, afterSeq);
    const rows = await this.rows.events(row.run, afterSeq - before, limit + before);
    return orDamaged(runId, () => {
      const shown = checkedRows(rows, afterSeq);
      const reached = afterSeq + shown.length;
      if (shown.length < limit && reached < position.seq) throw new Error(`event ${reached + 1} is missing`);
      return shown.map((event) => decodeEvent(runId, event));
    });
  }

  async logs(runId: string, path: string | undefined, limit: number): Promise<readonly LogLine[]> {
    const found = await this.live().find(runId);
    if (!found) return [];
    const { run } = found.row;
    const lines = await this.rows.logs(run, path, limit);
    return orDamaged(runId, () => lines.map((line) => decodeLog(run, line)));
  }

  async definition(hash: string): Promise<WorkflowDefinition | undefined> {
    this.live();
    try {
      return (await this.pins.get(hash))?.definition;
    } catch (thrown) {
      if (thrown instanceof TuttiError) throw thrown;
      throw new TuttiError("STORE_UNUSABLE", { store: this.rows.name, problem: `${problemOf(thrown)}.` });
    }
  }

  async text(ref: Ref): Promise<string> {
    if ("json" in ref) return ref.json;
    const body = await this.live().blob(ref.hash);
    if (body !== undefined && sha256(body) === ref.hash) return body;
    const problem = `the value ${ref.hash} ${body === undefined ? "is missing" : "does not match its hash"}.`;
    throw new TuttiError("STORE_UNUSABLE", { store: this.rows.name, problem });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.settled();
    await this.rows.close();
  }

  /** Throws once the store is closed. */
  protected live(): RowReader {
    if (this.closed) throw new TuttiError("CLOSED", { what: "store" });
    return this.rows;
  }

  /** A run was read that may go on. */
  protected opened(_stored: StoredRun, _run: Run): void {}

  /** Resolves when nothing is being written any more. */
  protected async settled(): Promise<void> {}

  private async restored(loaded: LoadedRun): Promise<Run> {
    const { row, position, tail, instances } = loaded;
    const end = checkedRows(tail, position.seq - 1).at(-1);
    if (end?.seq !== position.seq)
      throw new Error(`its head is at event ${position.seq}, its journal ends with ${end?.seq ?? "none"}`);
    if (end.crc !== position.crc) throw new Error(`its head does not match event ${end.seq}`);
    const pinned = await this.pins.get(row.hash);
    if (!pinned) throw new Error(`its definition ${row.hash} is missing`);
    return restoreRun(
      decodeHead(loaded),
      instances.map((instance) => decodeInstance(row.run, instance)),
      pinned,
    );
  }
}

/** Of rows that begin with event `afterSeq` (0: with the first one): those after it, once their chain holds. */
function checkedRows(rows: readonly EventRow[], afterSeq: number): readonly EventRow[] {
  if (afterSeq === 0) return checkChain(START, rows);
  const before = rows[0];
  if (!before) return rows;
  if (before.seq !== afterSeq) throw new Error(`event ${afterSeq} is missing`);
  return checkChain(before, rows.slice(1));
}

async function orDamaged<T>(runId: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof TuttiError) throw thrown;
    throw new TuttiError("RUN_DAMAGED", { run: runId, problem: problemOf(thrown) }, { cause: thrown });
  }
}

function problemOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

export function sha256(text: string): string {
  return hash("sha256", text);
}

function toCursor(run: number): string {
  return `r${run.toString(36)}`;
}

function fromCursor(cursor: string): number {
  const run = /^r[0-9a-z]{1,8}$/.test(cursor) ? Number.parseInt(cursor.slice(1), 36) : Number.NaN;
  if (Number.isNaN(run))
    throw new TuttiError("OPTIONS_INVALID", { problems: `  cursor: ${cursor} is not from a page` });
  return run;
}
