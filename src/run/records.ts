/**
 * A run as rows: a head and one record per instance that an event has touched. They are written in the commit of
 * the events they follow from and are all that recovery reads; counters are not stored but derived again, so a
 * restored run equals the fold of its journal (a property test holds it).
 */
import type { Failure } from "../errors.ts";
import type { AgentSelector } from "../workflow/definition.ts";
import type { Graph } from "../workflow/graph.ts";
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
  readonly cancelling?: { readonly at: number; readonly reason?: string };
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
  readonly opened?: { readonly branch: string; readonly first: number };
}

export function headOf(run: Run): RunHead {
  throw new Error(`not yet: ${run.id}`);
}

export function recordOf(instance: Instance): InstanceRecord {
  throw new Error(`not yet: ${instance.path}`);
}

/** The run that these rows were written from. `records` in any order. Throws on rows that cannot be. */
export function restoreRun(head: RunHead, records: Iterable<InstanceRecord>, graph: Graph): Run {
  throw new Error(`not yet: ${head.id} ${String(records)} ${graph.steps.length}`);
}
