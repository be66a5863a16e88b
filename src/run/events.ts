/**
 * The journal's events. The envelope is for ever: fields may be added, never changed or removed, and every
 * version ever written is read by upcasting (store/codec). Names here are pinned by a test.
 */
import type { Failure } from "../errors.ts";
import type { HandlerChoice, Priority, RetryPolicy, Timeouts } from "../workflow/definition.ts";
import type { Ref } from "./ref.ts";

export interface Actor {
  readonly type: "engine" | "person" | "token" | "agent";
  readonly id?: string;
}

export type SkipReason = "not_taken" | "handled" | "upstream_failed" | "upstream_cancelled";

/** Why an attempt ended with no outcome: we crashed under it, or handed it back on purpose. */
export type ReleaseReason = "lost" | "shutdown";

/** Where the code of a document was when its run began. */
export interface RunSource {
  /** The folder of the document, absolute: what its paths are relative to. */
  readonly folder: string;
  /** By the path as `uses` names it: the file, and the SHA-256 of it in hex. */
  readonly modules: Readonly<Record<string, { readonly file: string; readonly hash: string }>>;
}

/** What a run is started with, beside its definition. Resolved at the edge, so nothing here is optional soup. */
export interface RunOptions {
  readonly priority: Priority;
  readonly tags: readonly string[];
  readonly metadata: Ref;
  readonly variables: Ref;
  /** The engine's defaults at the start: a run keeps them for life. */
  readonly retry: RetryPolicy;
  readonly timeout: Timeouts;
  readonly runTimeoutMs: number;
  readonly maxHandlerRounds: number;
  readonly maxRecoveries: number;
  /** Of a run of a document. */
  readonly source?: RunSource;
}

export interface RunEvents {
  "run.created": {
    readonly workflow: { readonly id: string; readonly version: string; readonly hash: string };
    readonly input: Ref;
    readonly options: RunOptions;
  };
  "run.started": object;
  "run.paused": object;
  "run.resumed": object;
  "run.variables": { readonly variables: Ref };
  "run.stranded": { readonly missing: readonly string[] };
  "run.unstranded": object;
  /** Modules are not as they were at the start (or at the last such event): they are used, and it is noted. */
  "run.code_changed": {
    readonly modules: RunSource["modules"];
    /** The document is there now. */ readonly folder?: string;
  };
  "run.cancelling": { readonly reason?: string };
  /** The run fails at once (failFast, critical_error, its deadline): the rest is cancelled, then it ends. */
  "run.failing": { readonly error: Failure };
  "run.completed": { readonly output: Ref; readonly partial?: true };
  "run.failed": { readonly error: Failure };
  "run.cancelled": { readonly reason?: string; readonly inconsistent?: true };
  /** A condition said yes. (A no is a skip, a choice an `opened`: each answer is recorded once.) */
  "step.evaluated": { readonly role: "when" };
  /** A scope became a fragment: its instances exist from here on. */
  "step.opened": { readonly branch: string };
  /** One attempt begins. Durable before anything is executed. */
  "step.started": {
    readonly agent?: string | undefined;
    readonly why?: string | undefined;
    readonly inputHash?: string | undefined;
    readonly undo?: true | undefined;
  };
  /** An attempt ended with no outcome; the step is ready again under a new epoch. */
  "step.released": { readonly reason: ReleaseReason };
  /** An attempt failed; the next may begin at `retryAt`. */
  "step.retrying": { readonly error: Failure; readonly retryAt: number };
  /** Retries are used up, or the kind is not retried: its handler is asked. */
  "step.errored": { readonly error: Failure };
  /** What the handler chose. */
  "step.handled": { readonly choice: HandlerChoice };
  "step.completed": { readonly output: Ref };
  "step.failed": { readonly error: Failure };
  "step.skipped": { readonly reason: SkipReason };
  /** `abandoned`: it did not acknowledge its abort by the deadline. */
  "step.cancelled": { readonly abandoned?: true };
}

export type EventType = keyof RunEvents;
export type StepEventType = Extract<EventType, `step.${string}`>;

/** One event with its envelope. The store adds the run's id, the version of its shape and the checksum chain. */
export type RunEvent = {
  readonly [T in EventType]: {
    readonly type: T;
    /** Gapless within the run, from 1. */
    readonly seq: number;
    readonly branch: number;
    /** ms since 1970. */
    readonly at: number;
    /** The instance, for `step.*`: its path for people, its number for the fold. */
    readonly path?: string | undefined;
    readonly instance?: number | undefined;
    readonly attempt?: number | undefined;
    readonly epoch?: number | undefined;
    /** Absent: the engine itself. */
    readonly actor?: Actor | undefined;
    /** The id of the command that asked for it, when it came from outside. */
    readonly cause?: string | undefined;
    readonly data: RunEvents[T];
  };
}[EventType];
