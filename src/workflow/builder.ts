/** The builder as its user sees it: `w` in `workflow({ … }, (w) => …)`. */
import type { Agent } from "../agent/define.ts";
import type { Context } from "../agent/context.ts";
import type { ErrorKind } from "../errors.ts";
import type { Duration } from "../std/duration.ts";
import type { Eventually } from "../std/eventually.ts";
import type { Json } from "../std/json.ts";
import type {
  Accepts,
  Checked,
  Chosen,
  DeadPath,
  DefaultInput,
  Handle,
  JoinOption,
  Known,
  Needs,
  NeedValues,
  NoNeeds,
  Outputs,
  Received,
  Schema,
  Skippable,
  Stored,
  UndoInput,
  Unmapped,
  View,
  Within,
} from "./types.ts";

/** `urgent` is `critical`, `medium` is `normal`. */
export type PriorityOption = "critical" | "urgent" | "high" | "normal" | "medium" | "low";

export interface RetryOptions {
  /** Executions in all, the first included. Default 3. */
  readonly maximumAttempts?: number;
  readonly max_attempts?: number;
  /** Before the second execution. Default 1 s. */
  readonly initialInterval?: Duration;
  readonly initialIntervalMs?: number;
  /** Default 2. */
  readonly backoffCoefficient?: number;
  readonly backoff_multiplier?: number;
  /** Default 60 s. */
  readonly maximumInterval?: Duration;
  readonly maximumIntervalMs?: number;
  /** Default: timeout, connection_error, rate_limit, agent_error. */
  readonly retryOn?: readonly ErrorKind[];
  readonly retry_on?: readonly ErrorKind[];
}

/** A duration alone is `startToClose`. */
export type TimeoutOptions =
  | Duration
  | {
      /** Waiting for an agent. Default 1 h. */
      readonly scheduleToStart?: Duration;
      /** One attempt. Default 5 min. */
      readonly startToClose?: Duration;
      /** All attempts and the waits between them. Default 24 h. */
      readonly total?: Duration;
    };

/** An agent with these capabilities: all of them, or with `any` one of them. */
export interface CapabilityOptions {
  readonly capability?: string;
  readonly capabilities?: readonly string[];
  readonly any?: boolean;
  /** A semver range. */
  readonly version?: string;
  readonly tags?: readonly string[];
}

/** The id of an agent, or what it must be able to do. */
export type AgentOption = string | { readonly id: string; readonly version?: string } | CapabilityOptions;

/** What an error handler is asked about. */
export interface ErrorContext {
  readonly error: {
    readonly kind: ErrorKind;
    readonly message: string;
    readonly code?: string;
    readonly data?: Json;
  };
  /** Executions so far. */
  readonly attempt: number;
  readonly path: string;
  readonly runId: string;
  readonly input?: unknown;
}

/** `retry` is one more round, at most 3 of them; a fallback gets the same input. */
export type ErrorChoice = "retry" | "skip" | "fail" | { readonly fallback: AgentOption };

type Choices = { readonly [kind in ErrorKind]?: ErrorChoice };

/** By error kind, asked when retries are used up, or at once for a kind that is not retried. */
export type ErrorHandlerOptions<E> = {
  readonly [K in keyof E]: E[K] | { readonly fallback: Agent } | ((context: ErrorContext) => Eventually<E[K]>);
} & { readonly [K in Exclude<keyof E, ErrorKind>]: never };

type MaySkip<E> = true extends { readonly [K in keyof E]-?: "skip" extends E[K] ? true : false }[keyof E]
  ? true
  : false;

/** What every step may have, whatever it needs. */
export interface StepOptions {
  /** With `any` or a quorum: stop the needs that are still going. */
  readonly rest?: "cancel";
  readonly priority?: PriorityOption;
  /** How long it takes, as far as known: for the order of work. */
  readonly estimateMs?: number;
  readonly retry?: RetryOptions;
  readonly timeout?: TimeoutOptions;
  /** A label; without `run` and `agent` also the capability it is routed by. */
  readonly type?: string;
  readonly description?: string;
  readonly phase?: string;
}

interface Wiring<N, J> {
  /** Name → the step whose output it stands for. The only wiring there is. */
  readonly needs?: N;
  /** When the needs are met: `all` (default), `settled` (all ended, in whatever way), `any`, or a number of them. */
  readonly join?: J;
}

type Seen<Scope, N, J> = Within<Scope, NeedValues<N, J>>;
type Given<T> = [T] extends [never] ? false : true;
type Default<In, Scope, N, J> = DefaultInput<In, Seen<Scope, N, J>>;

/** Whether the step runs at all, asked when its needs are met. A no is a skip: `undefined` to whoever needs it. */
type When<In, Values, W> = { readonly when?: (view: View<In, Values>) => Eventually<W> };
/** What the step gets: a JSON value, or a function of what it sees. Default: `{ input, needs }`. */
type Mapping<In, Values, I> = { readonly input?: I | ((view: View<In, Values>) => Eventually<I>) };
/** As above, and it must be what the agent takes. It may be left out where the default fits. */
type AgentMapping<In, Values, AI> = [DefaultInput<In, Values>] extends [AI]
  ? Mapping<In, Values, AI>
  : Required<Mapping<In, Values, AI>>;
/** What reverses the step's effects; written after `run`. */
type Undo<I, O> = { readonly undo?: (undo: UndoInput<I, O>, context: Context) => unknown };
type Handlers<E> = { readonly onError?: ErrorHandlerOptions<E> };

/** `In`: the run's input as steps see it. `Scope`: the needs that come from the scope around. */
export interface Builder<In, Scope = NoNeeds> {
  /** A step that runs a function of this process. Written in this order: `needs`, `input`, `run`, `undo`. */
  task<
    N extends Needs = NoNeeds,
    J extends JoinOption = "all",
    W extends boolean = never,
    E extends Choices = NoNeeds,
    I = Unmapped,
    O = unknown,
    S extends Schema = never,
  >(
    id: string,
    options: StepOptions &
      Wiring<N, J> &
      Handlers<E> &
      When<In, Seen<Scope, N, J>, W> &
      Mapping<In, Seen<Scope, N, J>, I> &
      Undo<Received<I, Default<In, Scope, N, J>>, Stored<Checked<S, O>>> & {
        readonly run: (input: NoInfer<Received<I, Default<In, Scope, N, J>>>, context: Context) => Eventually<O>;
        /** What the stored result must be; the schema's output is the step's. */
        readonly output?: S & Accepts<S, Known<O>>;
        readonly agent?: never;
      },
  ): Handle<Skippable<Stored<Known<Checked<S, O>>>, Given<W> | MaySkip<E> | DeadPath<N, J>>>;

  /** A step for an agent that is at hand as a value. */
  task<
    AI,
    AO,
    N extends Needs = NoNeeds,
    J extends JoinOption = "all",
    W extends boolean = never,
    E extends Choices = NoNeeds,
    S extends Schema = never,
  >(
    id: string,
    options: StepOptions &
      Wiring<N, J> &
      Handlers<E> &
      When<In, Seen<Scope, N, J>, W> &
      AgentMapping<In, Seen<Scope, N, J>, AI> &
      Undo<AI, Stored<Checked<S, AO>>> & {
        readonly agent: Agent<AI, AO>;
        /** What the stored result must be; the schema's output is the step's. */
        readonly output?: S & Accepts<S, Known<AO>>;
        readonly run?: never;
      },
  ): Handle<Skippable<Stored<Known<Checked<S, AO>>>, Given<W> | MaySkip<E> | DeadPath<N, J>>>;

  /** A step for an agent by id or by capability, or (only `type`) for one with that capability. */
  task<
    N extends Needs = NoNeeds,
    J extends JoinOption = "all",
    W extends boolean = never,
    E extends Choices = NoNeeds,
    I = Unmapped,
    S extends Schema = never,
  >(
    id: string,
    options: StepOptions &
      Wiring<N, J> &
      Handlers<E> &
      When<In, Seen<Scope, N, J>, W> &
      Mapping<In, Seen<Scope, N, J>, I> &
      Undo<Received<I, Default<In, Scope, N, J>>, Stored<Checked<S, unknown>>> & {
        readonly run?: never;
        /** What the stored result must be; without it the output is `unknown`. */
        readonly output?: S;
      } & ({ readonly agent: AgentOption } | { readonly agent?: never; readonly type: string }),
  ): Handle<Skippable<Stored<Known<Checked<S, unknown>>>, Given<W> | MaySkip<E> | DeadPath<N, J>>>;

  /**
   * One of several branches: `by` names it, its steps see the needs given here, its output is `{ branch, output }`.
   * Outside, only the choose itself can be needed.
   */
  choose<
    R extends Readonly<Record<string, Outputs>>,
    N extends Needs = NoNeeds,
    J extends JoinOption = "all",
    W extends boolean = never,
    E extends Choices = NoNeeds,
  >(
    id: string,
    options: StepOptions &
      Wiring<N, J> &
      Handlers<E> &
      When<In, Seen<Scope, N, J>, W> & {
        readonly by: (view: View<In, Seen<Scope, N, J>>) => Eventually<keyof R & string>;
        readonly branches: { readonly [K in keyof R]: (w: Builder<In, Seen<Scope, N, J>>) => R[K] };
      },
  ): Handle<Skippable<Chosen<R>, Given<W> | MaySkip<E> | DeadPath<N, J>>>;
}
