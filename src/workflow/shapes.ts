/** Workflows from plain objects: a chain, steps side by side, a choice, or any graph by `depends_on`. */
import type { Agent } from "../agent/define.ts";
import { andThen, type Eventually } from "../std/eventually.ts";
import { hash32 } from "../std/random.ts";
import type { AgentOption, PriorityOption, RetryOptions, TimeoutOptions } from "./builder.ts";
import { workflow, type WorkflowOptions } from "./define.ts";
import { isBag } from "./options.ts";
import type { ScopeBuilder } from "./scope.ts";
import { needReference } from "./template.ts";
import type { Workflow } from "./types.ts";

/** A step as an object. Give `step` (or `step_id`) and `agent` (or `agent_id`); the rest may be left out. */
export interface PlainStep {
  readonly step?: string;
  readonly step_id?: string;
  /** An agent, its id, or what it must be able to do. */
  readonly agent?: Agent | AgentOption;
  readonly agent_id?: string;
  /**
   * What to do, in any form. The agent gets its members, and beside them `input` (of the run) and `needs` (outputs
   * by name), unless the task has members of these names; a task that is no object comes as `task`.
   */
  readonly task?: unknown;
  /** The agent's whole input, instead of all that. Default without a task: `{ input, needs }`. */
  readonly input?: unknown;
  readonly retry?: RetryOptions;
  readonly retry_config?: RetryOptions;
  readonly timeout?: TimeoutOptions;
  readonly priority?: PriorityOption;
  readonly estimateMs?: number;
  readonly onError?: WorkflowOptions["onError"];
  readonly type?: string;
  readonly description?: string;
  readonly phase?: string;
}

export interface DependentStep extends PlainStep {
  /** Ids of steps, in any order, or name → id. */
  readonly needs?: readonly string[] | Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[];
}

/** The id defaults to the kind of shape and a hash of its content. */
export type ShapeOptions = Partial<Omit<WorkflowOptions, "input">>;

type IdOf<S> = S extends { readonly step: infer Id extends string }
  ? Id
  : S extends { readonly step_id: infer Id extends string }
    ? Id
    : never;

/** One after the other; each sees the output before it as `needs.previous`. The output is the last one's. */
export function linear(steps: readonly PlainStep[], options?: ShapeOptions): Workflow<unknown, unknown> {
  return shape("linear", steps, options, (scope) => {
    let previous: ReturnType<ScopeBuilder["task"]> | undefined;
    for (const step of steps) previous = add(scope, step, previous === undefined ? {} : { previous });
    return previous;
  });
}

/** All side by side. The output is every step's, by id. */
export function parallel<const S extends readonly PlainStep[]>(
  steps: S,
  options?: ShapeOptions,
): Workflow<unknown, { readonly [Id in IdOf<S[number]>]: unknown }> {
  return shape("parallel", steps, options, (scope) =>
    Object.fromEntries(steps.map((step) => [idOf(step), add(scope, step, {})])),
  );
}

/**
 * `start`, then the one branch that `condition` chooses by its result: `true` is the first, `false` the second, a
 * text the branch of that name. A branch sees the result as `needs.start`. The output is `{ branch, output }`.
 */
export function conditional<T, const B extends Readonly<Record<string, PlainStep>>>(
  parts: {
    readonly start: PlainStep;
    readonly branches: B;
    readonly condition: (result: T) => Eventually<boolean | (keyof B & string)>;
  },
  options?: ShapeOptions,
): Workflow<unknown, { readonly branch: keyof B & string; readonly output: unknown }> {
  const { start, branches, condition } = parts;
  const names = Object.keys(branches);
  const chosen = (answer: unknown): unknown => (typeof answer === "boolean" ? names[answer ? 0 : 1] : answer);
  const by = ({ needs }: { readonly needs: { readonly start: T } }): unknown =>
    andThen<unknown, unknown>(condition(needs.start), chosen);
  const content = { start, branches, condition: String(condition) };
  return shape("conditional", content, options, (scope) => {
    const began = add(scope, start, {});
    const fragments = new Map<string, unknown>();
    for (const [name, step] of Object.entries(branches))
      fragments.set(name, (inner: ScopeBuilder) => add(inner, step, {}, ["start"]));
    const id = idOf(start) === "route" ? "branch" : "route";
    return scope.choose(id, { needs: { start: began }, by, branches: Object.fromEntries<unknown>(fragments) });
  });
}

/** Any graph, by `depends_on` or `needs`. The output is that of the steps nothing needs, by id. */
export function fromPlainSteps(
  steps: readonly DependentStep[],
  options?: ShapeOptions,
): Workflow<unknown, { readonly [id: string]: unknown }> {
  return shape("steps", steps, options, (scope) => {
    for (const { needs, depends_on: dependsOn, ...step } of steps) {
      const ids = needs ?? dependsOn ?? [];
      const named = Array.isArray(ids) ? ids.map((id: string) => [id, id] as const) : Object.entries(ids);
      add(scope, step, Object.fromEntries(named.map(([name, id]) => [name, scope.later(id)])));
    }
  });
}

function shape<Out>(
  kind: string,
  content: unknown,
  options: ShapeOptions = {},
  build: (scope: ScopeBuilder) => unknown,
): Workflow<unknown, Out> {
  const id = options.id ?? `${kind}_${hash32(textOf(content)).toString(16).padStart(8, "0")}`;
  // `w` is a ScopeBuilder; its types could say nothing of steps that come as data.
  const callback = (w: unknown): void => build(w as ScopeBuilder) as void;
  return workflow({ version: "1", ...options, id }, callback) as Workflow<unknown, unknown> as Workflow<unknown, Out>;
}

type Needed = Readonly<Record<string, ReturnType<ScopeBuilder["task"]>>>;

/** `passed`: names of the needs that come from the scope around. */
function add(scope: ScopeBuilder, plain: PlainStep, needs: Needed, passed: readonly string[] = []) {
  const { step: _, step_id: _id, agent, agent_id: agentId, task, input, retry, retry_config: config, ...rest } = plain;
  const names = [...passed, ...Object.keys(needs)];
  return scope.task(idOf(plain), {
    ...rest,
    needs,
    agent: agent ?? agentId,
    retry: retry ?? config,
    input: input ?? (task === undefined ? undefined : taskInput(task, names)),
  });
}

function idOf(plain: PlainStep): string {
  return plain.step ?? plain.step_id ?? "";
}

function taskInput(task: unknown, names: readonly string[]): unknown {
  const around = {
    input: "${input}",
    needs: Object.fromEntries(names.map((name) => [name, needReference(name)])),
  };
  return isBag(task) ? { ...around, ...task } : { ...around, task };
}

function textOf(content: unknown): string {
  return JSON.stringify(content, (_, value: unknown) => (typeof value === "function" ? String(value) : value)) ?? "";
}
