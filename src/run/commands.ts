/** What may be asked of a run. Idempotent by id (from outside) or by epoch (from attempts). */
import type { ErrorCode, Failure } from "../errors.ts";
import type { AgentSelector, HandlerChoice } from "../workflow/definition.ts";
import type { Actor, ReleaseReason, RunEvent, RunSource } from "./events.ts";
import type { Ref } from "./ref.ts";
import type { Run } from "./state.ts";

/** What an evaluation answered, by role. */
export type Answer =
  | { readonly role: "when"; readonly value: boolean }
  | { readonly role: "by"; readonly branch: string }
  | { readonly role: "onError"; readonly choice: HandlerChoice }
  | { readonly role: "output"; readonly output: Ref }
  /** The code threw, took too long, or answered what cannot be. */
  | { readonly role: Evaluation; readonly failure: Failure };

/** What is evaluated outside the heart, once, its answer journaled. */
export type Evaluation = "when" | "by" | "onError" | "output";

/** An attempt's name from outside: only the current epoch is heard. */
export interface Token {
  readonly instance: number;
  readonly attempt: number;
  readonly epoch: number;
}

export type Command = { readonly actor?: Actor; readonly cause?: string } &
  /** A run slot is free. */
  (
    | { readonly type: "admit" }
    | { readonly type: "pause" }
    | { readonly type: "resume" }
    | { readonly type: "cancel"; readonly reason?: string }
    | { readonly type: "kill"; readonly reason?: string }
    | { readonly type: "variables"; readonly variables: Ref }
    /** Its code is not here: while that is so, nothing is asked for. When it is there again: `unstrand`, `recover`. */
    | { readonly type: "strand"; readonly missing: readonly string[] }
    | { readonly type: "unstrand" }
    /** Its document and modules as they are now. */
    | { readonly type: "code"; readonly source: RunSource }
    /** The run's own deadline has passed. */
    | { readonly type: "expire" }
    /** `instance` −1: the run itself (its output). */
    | { readonly type: "answer"; readonly instance: number; readonly answer: Answer }
    /** The dispatcher picked it. */
    | {
        readonly type: "lease";
        readonly instance: number;
        readonly agent?: string;
        readonly why?: string;
        readonly inputHash?: string;
      }
    /** It could not even begin: no agent in time, no input. */
    | { readonly type: "refuse"; readonly instance: number; readonly failure: Failure }
    | { readonly type: "complete"; readonly token: Token; readonly output: Ref }
    /** `final`: another attempt is out of the question (the step's total time is used up). */
    | { readonly type: "fail"; readonly token: Token; readonly failure: Failure; readonly final?: true }
    | { readonly type: "release"; readonly token: Token; readonly reason: ReleaseReason }
    /** An engine has loaded this run: attempts that were under way are lost, everything else goes on. */
    | { readonly type: "recover" }
    /** An aborted attempt has stopped, or (abandoned) would not. */
    | { readonly type: "stopped"; readonly token: Token; readonly abandoned?: true }
  );

/** What the shell is to do. Data, never a call. */
export type Effect =
  /** Evaluate the code or expression of this role; post the answer. */
  | { readonly type: "evaluate"; readonly instance: number; readonly role: Evaluation }
  /** Ready for an agent, from `at` on. */
  | {
      readonly type: "offer";
      readonly instance: number;
      readonly at: number;
      readonly selector: AgentSelector | undefined;
    }
  /** A leased attempt may begin once this turn is durable. */
  | { readonly type: "execute"; readonly instance: number; readonly attempt: number; readonly epoch: number }
  /** Tell a running attempt to stop. */
  | { readonly type: "abort"; readonly token: Token; readonly why: "cancel" | "kill" | "timeout" }
  /** Offers of this run are void until it says otherwise (paused, stranded), or for good (cancelled). */
  | { readonly type: "hold" }
  | { readonly type: "unhold" }
  | { readonly type: "ended" };

/** What a command did: the run as it became, the events that say so, the effects they ask for. */
export interface Decision {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  readonly effects: readonly Effect[];
}

/** Why a command was not taken; nothing changed. */
export interface Refusal {
  readonly refused: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;
}
