/**
 * A run as rows: a head and one record per instance that an event has touched. They are written in the commit of
 * the events they follow from and are all that recovery reads; counters are not stored but derived again, so a
 * restored run equals the fold of its journal (a property test holds it).
 */
import type { Failure } from "../errors.ts";
import type { AgentSelector } from "../workflow/definition.ts";
import type { RunOptions, SkipReason } from "./events.ts";
import type { Ref } from "./ref.ts";
import type { EndedRunStatus, Instance, InstanceStatus, Run } from "./state.ts";

/** What a run is beside its instances. JSON as it stands; absent = none. */
export interface RunHead {
  readonly id: string;
  readonly workflow: Run["workflow"];
  readonly options: RunOptions;
  readonly branch: number;
  readonly seq: number;
  readonly input: Ref;
  readonly variables: Ref;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly paused?: true;
  readonly stopping?: { readonly end: "cancelled" | "failed"; readonly at: number; readonly reason?: string };
  readonly stranded?: readonly string[];
  readonly end?: EndedRunStatus;
  readonly output?: Ref;
  readonly error?: Failure;
  readonly partial?: true;
  readonly inconsistent?: true;
}

/** What an instance is beside its place in the graph. JSON as it stands; absent = the initial value. */
export interface InstanceRecord {
  readonly index: number;
  readonly path: string;
  readonly status: InstanceStatus;
  readonly attempts?: number;
  readonly recoveries?: number;
  readonly epoch?: number;
  readonly readyAt?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly endedSeq?: number;
  readonly retryAt?: number;
  readonly agent?: string;
  readonly why?: string;
  readonly inputHash?: string;
  readonly output?: Ref;
  readonly error?: Failure;
  readonly reason?: SkipReason;
  readonly admitted?: true;
  readonly errored?: true;
  readonly rounds?: number;
  readonly spent?: number;
  readonly fallback?: AgentSelector;
  readonly undo?: "registered";
  readonly abandoned?: true;
  readonly opened?: { readonly branch: string; readonly at: number; readonly first: number };
}

// What is absent is `undefined` here and gone in the JSON text: leaving members out one by one costs more than
// writing the text does.

export function headOf(run: Run): RunHead {
  const { id, workflow, options, branch, seq, input, variables, createdAt, startedAt, endedAt, stopping, stranded } =
    run;
  return {
    id,
    workflow,
    options,
    branch,
    seq,
    input,
    variables,
    createdAt,
    startedAt,
    endedAt,
    paused: run.paused || undefined,
    stopping: stopping,
    stranded,
    end: run.end,
    output: run.output,
    error: run.error,
    partial: run.partial || undefined,
    inconsistent: run.inconsistent || undefined,
  } as RunHead;
}

export function recordOf(instance: Instance): InstanceRecord {
  const { index, path, status, opened } = instance;
  return {
    index,
    path,
    status,
    attempts: instance.attempts || undefined,
    recoveries: instance.recoveries || undefined,
    epoch: instance.epoch || undefined,
    readyAt: instance.readyAt,
    startedAt: instance.startedAt,
    endedAt: instance.endedAt,
    endedSeq: instance.endedSeq,
    retryAt: instance.retryAt,
    agent: instance.agent,
    why: instance.why,
    inputHash: instance.inputHash,
    output: instance.output,
    error: instance.error,
    reason: instance.reason,
    admitted: instance.admitted || undefined,
    errored: instance.errored || undefined,
    rounds: instance.rounds || undefined,
    spent: instance.spent || undefined,
    fallback: instance.fallback,
    undo: instance.undo === "none" ? undefined : instance.undo,
    abandoned: instance.abandoned || undefined,
    opened: opened && { branch: opened.branch, at: opened.at, first: opened.first },
  } as InstanceRecord;
}
