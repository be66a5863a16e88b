/**
 * The runtime port: what an engine offers to the facets above it. Two runtimes, one heart: the embedded engine
 * and (later) Restate implement this, and one conformance suite holds them to it.
 */
import type { Disarm } from "../std/clock.ts";
import type { LogLine } from "../task/log.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import type { Command } from "./commands.ts";
import type { Actor, RunEvent, RunOptions } from "./events.ts";
import type { Ref } from "./ref.ts";
import type { Run, RunStatus } from "./state.ts";

export interface StartRun {
  readonly runId: string;
  /** The caller chose the id, so it may exist already. */
  readonly given: boolean;
  readonly definition: WorkflowDefinition;
  readonly hash: string;
  readonly input: Ref;
  readonly options: RunOptions;
  readonly actor?: Actor;
  readonly cause?: string;
}

/** A run's head as lists show it. Times are ms since 1970. */
export interface RunSummary {
  readonly id: string;
  readonly workflow: { readonly id: string; readonly version: string; readonly hash: string };
  readonly status: RunStatus;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

export interface RunFilter {
  readonly status?: readonly RunStatus[];
  readonly workflow?: string;
  readonly tag?: string;
  /** At most this many (default 100, at most 1,000). */
  readonly limit?: number;
  /** From the previous page. */
  readonly cursor?: string;
}

export interface RunPage {
  readonly items: readonly RunSummary[];
  readonly nextCursor: string | undefined;
}

/** What a live attempt says of itself; not journaled. */
export interface AttemptProgress {
  readonly path: string;
  readonly attempt: number;
  readonly ratio: number;
  readonly note: string | undefined;
}

export interface RunView {
  readonly run: Run;
  readonly attempts: readonly AttemptProgress[];
}

/** Called after every commit that touches the run, and whenever one of its attempts tells how far it is. */
export type ViewListener = (view: RunView) => void;
/** Called for every event of every run, once it is durable. */
export type EventListener = (runId: string, event: RunEvent) => void;

export interface Runtime {
  /** Resolves when the start is durable. The same id, definition and input again: the same run, nothing new. */
  start(start: StartRun): Promise<void>;
  /** Resolves when what the command did is durable; rejects with what it was refused for. */
  post(runId: string, command: Command): Promise<void>;
  /** Also of ended runs. */
  get(runId: string): Promise<RunView | undefined>;
  list(filter: RunFilter): Promise<RunPage>;
  /** Every event after `fromSeq`, then live, until the run ends or the signal aborts. */
  subscribe(runId: string, fromSeq: number, signal: AbortSignal): AsyncIterable<RunEvent>;
  /** What attempts wrote, oldest first; of one instance, or of all. At most 10,000 lines. */
  logs(runId: string, path?: string): Promise<readonly LogLine[]>;
  watch(runId: string, listener: ViewListener): Disarm;
  listen(listener: EventListener): Disarm;
  /** The run when it has ended, durably. */
  whenEnded(runId: string): Promise<Run>;
  readonly blob: { put(json: string): Promise<Ref>; get(ref: Ref): Promise<string> };
}
