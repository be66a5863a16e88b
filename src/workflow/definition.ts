/**
 * A workflow as data: the canonical JSON that the builder and (later) the document both become, that is hashed,
 * stored with every run, and is all the heart knows of it. Durations are ms; everything is already checked.
 */
import type { AgentSelector } from "../agent/match.ts";
import type { ErrorKind } from "../errors.ts";
import type { Json, JsonObject } from "../std/json.ts";

export type { AgentSelector };

/** A function of the typed builder, by name: `<step path>.<role>`. Found in the code table of the process. */
export interface Code {
  readonly code: string;
}

/**
 * A function of a module, `./steps.mjs#price`: a path (from the folder of the document, or absolute) and the name of
 * an export. Loaded when a run needs it, never before.
 */
export interface Uses {
  readonly uses: string;
}

export type Role = "run" | "input" | "when" | "by" | "over" | "until" | "undo" | "reconcile" | "onError" | "output";

export const PRIORITIES = ["critical", "high", "normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface RetryPolicy {
  /** Executions in all, the first included. */
  readonly maximumAttempts: number;
  readonly initialIntervalMs: number;
  readonly backoffCoefficient: number;
  readonly maximumIntervalMs: number;
  readonly retryOn: readonly ErrorKind[];
}

export interface Timeouts {
  readonly scheduleToStartMs: number;
  /** One attempt. */
  readonly startToCloseMs: number;
  /** The step with all its attempts and waits between them. */
  readonly totalMs: number;
}

export type HandlerChoice = "retry" | "skip" | "fail" | { readonly fallback: AgentSelector };
export type Handler = HandlerChoice | Code;
export type ErrorHandlers = { readonly [kind in ErrorKind]?: Handler };

export type Join = "all" | "settled" | "any" | { readonly quorum: number };

interface StepBase {
  /** Name in `needs` → id of a step of the same scope. */
  readonly needs?: Readonly<Record<string, string>>;
  /** A string is CEL. */
  readonly when?: string | Code;
  readonly join?: Join;
  /** What becomes of the needs still going when `any` or `quorum` is reached. */
  readonly rest?: "cancel";
  readonly priority?: Priority;
  readonly estimateMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly timeout?: Partial<Timeouts>;
  readonly onError?: ErrorHandlers;
  readonly undo?: Code | Uses;
  readonly type?: string;
  readonly description?: string;
  readonly phase?: string;
}

/** One unit of work: inline code (`run`), or an agent. `input` maps what the step sees to what the agent gets. */
export interface TaskStep extends StepBase {
  readonly kind: "task";
  readonly run?: Code | Uses;
  readonly agent?: AgentSelector;
  readonly input?: Template | Code;
  /** The schema the result must pass. */
  readonly output?: Code;
}

/** Opens into the branch that `by` names. Its output is `{ branch, output }`. */
export interface ChooseStep extends StepBase {
  readonly kind: "choose";
  readonly by: string | Code;
  readonly branches: Readonly<Record<string, Fragment>>;
}

export type Step = TaskStep | ChooseStep;

/**
 * JSON whose strings may hold CEL: one that is exactly one `${…}` stands for that value, in any other each `${…}` is
 * put in as text; `$${` is a plain `${`.
 */
export type Template = Json;

/** An agent that a document brings along: a function of a module, or a program. Durations are ms. */
export interface AgentDeclaration {
  readonly id: string;
  readonly name?: string;
  readonly capabilities: readonly string[];
  readonly version: string;
  readonly tags?: readonly string[];
  readonly maxConcurrency?: number;
  readonly uses?: string;
  /** Its program and its folder may be relative: to the folder of the document, where it also runs by default. */
  readonly process?: {
    readonly command: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly signalGraceMs?: number;
  };
}

/** A small graph: what a scope opens into. Without `output`: the outputs of the steps nothing needs, by id. */
export interface Fragment {
  readonly steps: Readonly<Record<string, Step>>;
  readonly output?: Template;
}

export interface WorkflowDefinition extends Fragment {
  readonly tutti: "1";
  readonly id: string;
  readonly version: string;
  readonly description?: string;
  /** JSON Schema, or the builder's own schema. */
  readonly input?: JsonObject | Code;
  /** Running tasks of one run at a time. */
  readonly concurrency?: number;
  readonly onFailure?: "fail" | "partial";
  readonly failFast?: boolean;
  /** The whole run, wall clock. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly onError?: ErrorHandlers;
  /** For this workflow alone; for its runs one of these goes before an agent of the same id that was registered. */
  readonly agents?: readonly AgentDeclaration[];
}

export function isCode(value: unknown): value is Code {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    Object.keys(value).length === 1
  );
}

export function isUses(value: unknown): value is Uses {
  return (
    typeof value === "object" &&
    value !== null &&
    "uses" in value &&
    typeof value.uses === "string" &&
    Object.keys(value).length === 1
  );
}
