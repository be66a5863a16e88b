/**
 * Between the domain and its rows: the one place where a run, an instance or an event becomes text and text becomes
 * one of them again. What it reads may be of any version ever written, or damaged; then it throws a plain Error that
 * says what is wrong, and the store names the run.
 */
import { crc32 } from "node:zlib";
import type { EventType, RunEvent } from "../run/events.ts";
import { headOf, recordOf } from "../run/records.ts";
import type { InstanceRecord, RunHead } from "../run/records.ts";
import type { RunSummary } from "../run/runtime.ts";
import type { Instance, Run, RunStatus } from "../run/state.ts";
import { canonicalJson } from "../std/json.ts";
import type { Json, JsonObject } from "../std/json.ts";
import type { LogLine } from "../task/log.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import type { EventRow, InstanceRow, LogRow, Position, RunColumns, RunRow, StoredRun } from "./rows.ts";

/** A payload of one version as one of the next. */
export type Upcaster = (payload: JsonObject) => JsonObject;
export type Upcasters = Readonly<Record<EventType, readonly Upcaster[]>>;

/**
 * For each event, what turns a payload of version n (at n − 1) into one of version n + 1. A new shape is a new entry
 * here and never a change of an old one, so the version that is written is the number of entries + 1.
 */
export const UPCASTERS: Upcasters = {
  "run.created": [],
  "run.started": [],
  "run.paused": [],
  "run.resumed": [],
  "run.variables": [],
  "run.stranded": [],
  "run.unstranded": [],
  "run.code_changed": [],
  "run.cancelling": [],
  "run.failing": [],
  "run.completed": [],
  "run.failed": [],
  "run.cancelled": [],
  "step.evaluated": [],
  "step.opened": [],
  "step.started": [],
  "step.released": [],
  "step.retrying": [],
  "step.errored": [],
  "step.handled": [],
  "step.completed": [],
  "step.failed": [],
  "step.skipped": [],
  "step.cancelled": [],
};

/** The next row of a run's journal. */
export function encodeEvent(runId: string, event: RunEvent, previousCrc: number): EventRow {
  const body = JSON.stringify({
    run: runId,
    seq: event.seq,
    branch: event.branch,
    path: event.path,
    instance: event.instance,
    type: event.type,
    version: UPCASTERS[event.type].length + 1,
    at: event.at,
    actor: event.actor,
    cause: event.cause,
    attempt: event.attempt,
    epoch: event.epoch,
    payload: event.data,
  });
  return { seq: event.seq, body, crc: crc32(body, previousCrc) };
}

export function decodeEvent(runId: string, row: EventRow, upcasters: Upcasters = UPCASTERS): RunEvent {
  const { run, version, payload, ...envelope } = JSON.parse(row.body) as Omit<RunEvent, "data"> & {
    readonly run: string;
    readonly version: number;
    readonly payload: JsonObject;
  };
  if (run !== runId || envelope.seq !== row.seq) throw new Error(`event ${row.seq} is event ${envelope.seq} of ${run}`);
  const steps = Object.hasOwn(upcasters, envelope.type) ? upcasters[envelope.type] : undefined;
  if (steps === undefined || version > steps.length + 1)
    throw new Error(`event ${row.seq} (${envelope.type}, version ${version}) was written by a newer Tutti`);
  return { ...envelope, data: steps.slice(version - 1).reduce((data, step) => step(data), payload) } as RunEvent;
}

/** The rows; throws at the first that does not follow the one before it, seq by seq and sum by sum. */
export function checkChain(previous: Position, rows: readonly EventRow[]): readonly EventRow[] {
  let { seq, crc } = previous;
  for (const row of rows) {
    if (row.seq !== ++seq) throw new Error(`event ${seq} is missing`);
    crc = crc32(row.body, crc);
    if (row.crc !== crc) throw new Error(`event ${seq} does not match its checksum`);
  }
  return rows;
}

/** What of a run lies in no head: it has rows of its own, or follows from them. */
const BESIDE_HEAD: ReadonlySet<string> = new Set<keyof Run>(["pinned", "seq", "instances", "tally", "open"]);

/** Whether both are written with the same head. Compared field by field: what `evolve` did not change is the same object. */
export function sameHead(a: Run, b: Run): boolean {
  for (const key in b) if (a[key as keyof Run] !== b[key as keyof Run] && !BESIDE_HEAD.has(key)) return false;
  return true;
}

/**
 * What is no event has no chain; it carries a checksum of itself and of where it lies, on a line of its own. JSON has
 * no line ends.
 */
function sealed(text: string, place: number): string {
  return `${text}\n${crc32(text, place)}`;
}

function unsealed(body: string, place: number, what: string): unknown {
  const text = body.slice(0, Math.max(0, body.lastIndexOf("\n")));
  if (sealed(text, place) !== body) throw new Error(`${what} does not match its checksum`);
  return JSON.parse(text);
}

/** `seq` in the head is of the commit that wrote it; the run's own is its position. */
export function encodeRun(run: number, state: Run, status: RunStatus): RunRow {
  const { id, workflow, options } = state;
  const columns: RunColumns = {
    run,
    id,
    workflow: workflow.id,
    version: workflow.version,
    hash: workflow.hash,
    status,
    priority: options.priority,
    tags: JSON.stringify(options.tags),
    createdAt: state.createdAt,
    startedAt: state.startedAt ?? null,
    endedAt: state.endedAt ?? null,
  };
  return { ...columns, head: sealed(JSON.stringify(headOf(state)), placeOf(columns)) };
}

export function decodeHead({ row, position }: StoredRun): RunHead {
  return { ...(unsealed(row.head, placeOf(row), "its head") as RunHead), seq: position.seq };
}

/** The head answers for what lists show beside it. */
function placeOf(row: RunColumns): number {
  const { run, id, workflow, version, hash, status, priority, tags, createdAt, startedAt, endedAt } = row;
  const columns = [run, id, workflow, version, hash, status, priority, tags, createdAt, startedAt, endedAt];
  return crc32(JSON.stringify(columns));
}

export function encodeInstance(run: number, instance: Instance): InstanceRow {
  const { index } = instance;
  return { index, body: sealed(JSON.stringify(recordOf(instance)), placeOfInstance(run, index)) };
}

/** 32 bits, another for each instance of a run and for the same one of another run. */
function placeOfInstance(run: number, index: number): number {
  return (Math.imul(run, 0x9e3779b1) ^ index) >>> 0;
}

export function decodeInstance(run: number, { index, body }: InstanceRow): InstanceRecord {
  return unsealed(body, placeOfInstance(run, index), `instance ${index}`) as InstanceRecord;
}

export function encodeLog(run: number, line: LogLine): LogRow {
  return { path: line.path, body: sealed(JSON.stringify(line), run >>> 0) };
}

export function decodeLog(run: number, body: string): LogLine {
  return unsealed(body, run >>> 0, "a log line") as LogLine;
}

export function encodeDefinition(hash: string, definition: WorkflowDefinition): string {
  return sealed(canonicalJson(definition as unknown as Json), crc32(hash));
}

export function decodeDefinition(hash: string, body: string): WorkflowDefinition {
  return unsealed(body, crc32(hash), `its definition ${hash}`) as WorkflowDefinition;
}

export function decodeSummary(row: RunColumns): RunSummary {
  return {
    id: row.id,
    workflow: { id: row.workflow, version: row.version, hash: row.hash },
    status: row.status as RunStatus,
    priority: row.priority,
    tags: decodeTags(row.tags),
    createdAt: row.createdAt,
    startedAt: row.startedAt ?? undefined,
    endedAt: row.endedAt ?? undefined,
  };
}

/** A damaged list of tags must not take a whole page of other runs with it. */
function decodeTags(text: string): readonly string[] {
  try {
    return JSON.parse(text) as string[];
  } catch {
    return [];
  }
}
