/** A run as a value: what `evolve` folds and `decide` reads. Nothing here is ever mutated. */
import type { Failure } from "../errors.ts";
import type { Vector } from "../std/vector.ts";
import type { AgentSelector } from "../workflow/definition.ts";
import type { GraphStep } from "../workflow/graph.ts";
import type { RunOptions, SkipReason } from "./events.ts";
import type { Pinned } from "./pinned.ts";
import type { Ref } from "./ref.ts";

export const RUN_STATUSES = [
  "pending",
  "running",
  "waiting",
  "paused",
  "cancelling",
  "compensating",
  "stranded",
  "completed",
  "failed",
  "cancelled",
  "compensated",
  "compensation_failed",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export type EndedRunStatus = "completed" | "failed" | "cancelled" | "compensated" | "compensation_failed";

export type InstanceStatus = "pending" | "ready" | "running" | "retrying" | "waiting" | "unknown" | EndedInstanceStatus;
export type EndedInstanceStatus = "completed" | "failed" | "skipped" | "cancelled";

/** How the needs of an instance have ended so far. A skip counts by its reason. */
export interface NeedCounts {
  readonly open: number;
  readonly completed: number;
  /** Failed, or carries upstream_failed. */
  readonly failed: number;
  /** Cancelled, or carries upstream_cancelled. */
  readonly cancelled: number;
  /** not_taken. A `handled` need is resolved with no value and counts in none but `open`. */
  readonly notTaken: number;
}

/** One occurrence of a step. Number and path never change; a pending one is shared by all runs of its graph. */
export interface Instance {
  readonly index: number;
  readonly path: string;
  readonly step: GraphStep;
  /** The scope it lies in, or −1; and the number of that scope's first instance (0 at the top). */
  readonly parent: number;
  readonly base: number;
  readonly status: InstanceStatus;
  readonly needs: NeedCounts;
  /** Executions that began, and those lost to our crashes. */
  readonly attempts: number;
  readonly recoveries: number;
  /** Fencing: only the attempt that carries the current epoch may end it. */
  readonly epoch: number;
  /** When it could first begin; kept by retries, handlers and restarts. */
  readonly readyAt: number | undefined;
  /** The first attempt's start. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** The event that ended it: which needs came first is a matter of order, not of clocks. */
  readonly endedSeq: number | undefined;
  readonly retryAt: number | undefined;
  readonly agent: string | undefined;
  readonly why: string | undefined;
  readonly inputHash: string | undefined;
  readonly output: Ref | undefined;
  readonly error: Failure | undefined;
  readonly reason: SkipReason | undefined;
  /** `when` has answered yes. */
  readonly admitted: boolean;
  /** Waits for its error handler's answer. */
  readonly errored: boolean;
  /** Rounds granted by a handler's `retry`, and attempts spent before the present round. */
  readonly rounds: number;
  readonly spent: number;
  readonly fallback: AgentSelector | undefined;
  readonly undo: "none" | "registered";
  readonly abandoned: boolean;
  /** For an opened scope: its branch, its first instance, and how many of them have not ended. */
  readonly opened: Opened | undefined;
}

export interface Opened {
  readonly branch: string;
  readonly at: number;
  readonly first: number;
  readonly open: number;
  /** The first uncaught failure inside. */
  readonly failure: Failure | undefined;
}

/** Instances by status, kept as counts so that progress never scans. */
export type Tally = { readonly [status in InstanceStatus]: number };

export interface Run {
  readonly id: string;
  readonly workflow: { readonly id: string; readonly version: string; readonly hash: string };
  readonly pinned: Pinned;
  readonly options: RunOptions;
  readonly branch: number;
  /** Of the last event. */
  readonly seq: number;
  readonly input: Ref;
  readonly variables: Ref;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly paused: boolean;
  /** No step begins any more; when the last has stopped the run ends so. */
  readonly stopping:
    | { readonly end: "cancelled" | "failed"; readonly at: number; readonly reason: string | undefined }
    | undefined;
  readonly stranded: readonly string[] | undefined;
  readonly end: EndedRunStatus | undefined;
  readonly output: Ref | undefined;
  /** The first uncaught failure; final when the run ends. */
  readonly error: Failure | undefined;
  readonly partial: boolean;
  readonly inconsistent: boolean;
  readonly instances: Vector<Instance>;
  readonly tally: Tally;
  /** Instances at the top that have not ended. */
  readonly open: number;
}
