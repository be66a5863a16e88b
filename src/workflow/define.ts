import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Agent } from "../agent/define.ts";
import type { ErrorKind } from "../errors.ts";
import type { Duration } from "../std/duration.ts";
import type { Eventually } from "../std/eventually.ts";
import { canonicalJson, type Json } from "../std/json.ts";
import { Build } from "./build.ts";
import type { Builder, ErrorChoice, ErrorContext, RetryOptions } from "./builder.ts";
import type { WorkflowDefinition } from "./definition.ts";
import { checkKeys, durationOf, retryOf } from "./options.ts";
import { refuse } from "./problems.ts";
import { ScopeBuilder } from "./scope.ts";
import type { Outputs, OutputsOf, Schema, Stored, Workflow } from "./types.ts";
import { seal, validate } from "./validate.ts";

export interface WorkflowOptions<S extends Schema = never> {
  readonly id: string;
  /** A new version is a new workflow: runs keep the one they were started with. */
  readonly version: string;
  /** What the run's input must be: its input type is the caller's, its output type is what steps see. */
  readonly input?: S;
  readonly description?: string;
  /** Running tasks of one run at a time. Default: no limit of its own. */
  readonly concurrency?: number;
  /** `partial`: a run with failed steps completes with what it has. Default `fail`. */
  readonly onFailure?: "fail" | "partial";
  /** The first uncaught failure cancels the rest. Default false. */
  readonly failFast?: boolean;
  /** The whole run, wall clock. Default 30 days. */
  readonly timeout?: Duration;
  /** For every step that does not say otherwise. */
  readonly retry?: RetryOptions;
  /** For every step that has no handler of its own for the kind. */
  readonly onError?: {
    readonly [kind in ErrorKind]?:
      | ErrorChoice
      | { readonly fallback: Agent }
      | ((context: ErrorContext) => Eventually<ErrorChoice>);
  };
}

type InputGiven<S extends Schema> = [S] extends [never] ? unknown : StandardSchemaV1.InferInput<S>;
type InputSeen<S extends Schema> = [S] extends [never] ? unknown : Stored<StandardSchemaV1.InferOutput<S>>;

const LIMITS = ["concurrency", "timeout", "retry"];
const KEYS = ["id", "version", "input", "description", ...LIMITS, "onFailure", "failFast", "onError"];

/**
 * Defines a workflow. The callback runs once, here, to build data: `w.task` and `w.choose` add steps and return
 * handles, `needs` wires them, what it returns is the output. Throws DEFINITION_INVALID with every problem found.
 */
export function workflow<R extends Outputs, S extends Schema = never>(
  options: WorkflowOptions<S>,
  build: (w: Builder<InputSeen<S>>) => R,
): Workflow<InputGiven<S>, OutputsOf<R>> {
  const gathered = new Build(options.id);
  const scope = new ScopeBuilder(gathered);
  // The types of `w` say what each call means; the class only gathers.
  const fragment = scope.close(build(scope as unknown as Builder<InputSeen<S>>));
  const definition: WorkflowDefinition = { tutti: "1", ...headOf(options, gathered), ...fragment };
  const problems = [...gathered.problems.list(), ...validate(definition).problems];
  if (problems.length > 0) refuse(options.id, problems);
  return Object.freeze({
    definition: seal(definition),
    code: gathered.code,
    schemas: gathered.schemas,
    agents: Object.freeze(gathered.agents),
  });
}

/** The text that is hashed and stored: equal for equal definitions, whatever the order they were written in. */
export function canonicalDefinition(definition: WorkflowDefinition): string {
  return canonicalJson(definition as unknown as Json);
}

function headOf(
  options: WorkflowOptions<Schema>,
  build: Build,
): Omit<WorkflowDefinition, "tutti" | "steps" | "output"> {
  const { id, version, input, description, concurrency, onFailure, failFast, timeout, retry, onError } = options;
  const { problems } = build;
  checkKeys({ ...options }, KEYS, "$", problems);
  const schema = input === undefined ? undefined : build.captureSchema("", "input", input, "$.input");
  const timeoutMs = timeout === undefined ? undefined : durationOf(timeout, "$.timeout", problems);
  return {
    id,
    version,
    ...(schema === undefined ? {} : { input: schema }),
    ...(description === undefined ? {} : { description }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(onFailure === undefined || onFailure === "fail" ? {} : { onFailure }),
    ...(failFast === undefined || failFast === false ? {} : { failFast }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retry === undefined ? {} : { retry: retryOf(retry, "$.retry", problems) }),
    ...(onError === undefined ? {} : { onError: build.captureHandlers("", onError, "$.onError") }),
  };
}
