/** `tutti.runs`: start, watch and steer runs. */
import type { CodeTables } from "../engine/code.ts";
import { TuttiError } from "../errors.ts";
import type { RunOptions } from "../run/events.ts";
import type { RunFilter, Runtime } from "../run/runtime.ts";
import type { Clock } from "../std/clock.ts";
import type { Ids } from "../std/ids.ts";
import { encodeJson } from "../std/json.ts";
import type { Json, JsonObject } from "../std/json.ts";
import type { PriorityOption } from "../workflow/builder.ts";
import type { WorkflowFile } from "../host/document.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import { isCode } from "../workflow/definition.ts";
import { checkInput } from "../workflow/input.ts";
import type { Problem } from "../workflow/problems.ts";
import { isSchema, problemsIn } from "../workflow/schema.ts";
import type { Workflow } from "../workflow/types.ts";
import { RunHandle } from "./handle.ts";
import type { RunInfo, RunLine } from "./view.ts";
import { describeLine, describeRun } from "./view.ts";
import type { AnyWorkflow, Workflows } from "./workflows.ts";

export interface StartOptions {
  /** Chosen by the caller: starting it twice is starting it once. Default: a new one. */
  readonly runId?: string;
  /** Default normal. `urgent` is critical, `medium` is normal. */
  readonly priority?: PriorityOption;
  readonly tags?: readonly string[];
  readonly metadata?: JsonObject;
  readonly variables?: JsonObject;
}

/** The input may be left out where the workflow takes none. */
type StartArguments<In> = undefined extends In
  ? [input?: In, options?: StartOptions]
  : [input: In, options?: StartOptions];

export interface RunsParts {
  readonly runtime: Runtime;
  readonly workflows: Workflows;
  readonly code: CodeTables;
  readonly clock: Clock;
  readonly ids: Ids;
  /** What every run of this orchestrator is started with. */
  readonly defaults: Omit<RunOptions, "priority" | "tags" | "metadata" | "variables">;
  readonly progressIntervalMs: number;
}

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;

export class Runs {
  readonly #parts: RunsParts;

  constructor(parts: RunsParts) {
    this.#parts = parts;
  }

  /**
   * Starts a run and resolves when that is durable; the run goes on in the background. The workflow is a value, a
   * file, its definition as JSON, or the id of a registered one. Rejects with DEFINITION_INVALID, INPUT_INVALID,
   * MODULE_UNUSABLE, RUN_EXISTS (the id is taken by another definition or input) or WORKFLOW_UNKNOWN.
   */
  async start<In, Out>(workflow: Workflow<In, Out>, ...given: StartArguments<In>): Promise<RunHandle<Out>>;
  async start(
    workflow: WorkflowFile | WorkflowDefinition | string,
    input?: unknown,
    options?: StartOptions,
  ): Promise<RunHandle>;
  async start(workflow: AnyWorkflow | string, input?: unknown, options: StartOptions = {}): Promise<RunHandle> {
    const { runtime, workflows, ids, defaults } = this.#parts;
    const { definition, hash, folder } = workflows.resolve(workflow);
    const runId = options.runId ?? ids.next("run");
    if (!RUN_ID.test(runId)) {
      throw new TuttiError("OPTIONS_INVALID", {
        problems: `  runId: letters, digits and _ . : - (at most 128), not ${JSON.stringify(runId)}`,
      });
    }
    await runtime.start({
      runId,
      given: options.runId !== undefined,
      definition,
      hash,
      input: await runtime.blob.put(await this.#checked(definition, input)),
      options: {
        ...defaults,
        runTimeoutMs: definition.timeoutMs ?? defaults.runTimeoutMs,
        priority: priorityOf(options.priority),
        tags: options.tags ?? [],
        metadata: await runtime.blob.put(textOf(options.metadata ?? {}, "metadata")),
        variables: await runtime.blob.put(textOf(options.variables ?? {}, "variables")),
        ...(folder !== undefined && { source: { folder, modules: {} } }),
      },
    });
    return this.handle(runId);
  }

  /** A handle of a run that exists, or may. Asks nothing yet. */
  handle<Out = unknown>(runId: string): RunHandle<Out> {
    return new RunHandle<Out>(runId, this.#parts);
  }

  /** The whole run: status, times, progress, steps by path, output or error. `undefined`: there is none. */
  async get(runId: string): Promise<RunInfo | undefined> {
    const view = await this.#parts.runtime.get(runId);
    return view && describeRun(this.#parts.runtime, view);
  }

  /** Newest first. */
  async list(
    filter: RunFilter = {},
  ): Promise<{ readonly items: readonly RunLine[]; readonly nextCursor: string | undefined }> {
    const { items, nextCursor } = await this.#parts.runtime.list(filter);
    return { items: items.map(describeLine), nextCursor };
  }

  /** No step begins any more; those under way finish. */
  pause(runId: string): Promise<void> {
    return this.handle(runId).pause();
  }

  /** Goes on after a pause. Nothing runs twice. */
  resume(runId: string): Promise<void> {
    return this.handle(runId).resume();
  }

  /** Durable when it resolves; then every attempt under way is told to stop, and the run ends when the last has. */
  cancel(runId: string, reason?: string): Promise<void> {
    return this.handle(runId).cancel(reason);
  }

  kill(runId: string, reason?: string): Promise<void> {
    return this.handle(runId).kill(reason);
  }

  /** Replaces the run's variables: what conditions, choices and mappings see as `vars` from then on. */
  async setVariables(runId: string, variables: JsonObject): Promise<void> {
    const { runtime } = this.#parts;
    const ref = await runtime.blob.put(textOf(variables, "variables"));
    await runtime.post(runId, { type: "variables", variables: ref });
  }

  /** The input as the workflow's schema makes it, as JSON text. */
  async #checked(definition: WorkflowDefinition, input: unknown): Promise<string> {
    const { code } = this.#parts;
    const { id: workflow, input: declared } = definition;
    if (declared && !isCode(declared)) {
      const text = this.#inputText(definition, input);
      const list = await checkInput(declared, JSON.parse(text) as Json);
      if (list.length === 0) return text;
      throw new TuttiError("INPUT_INVALID", { workflow, problems: linesOf(list) });
    }
    const schema = declared ? code.find(definition, undefined, declared) : undefined;
    if (!isSchema(schema)) return this.#inputText(definition, input);
    const result = await schema["~standard"].validate(input);
    if (result.issues) throw new TuttiError("INPUT_INVALID", { workflow, problems: problemsIn(result.issues) });
    return this.#inputText(definition, result.value);
  }

  #inputText({ id }: WorkflowDefinition, input: unknown): string {
    const text = encodeJson(input);
    if ("json" in text) return text.json;
    throw new TuttiError("INPUT_INVALID", { workflow: id, problems: `  ${text.error.path}: ${text.error.problem}` });
  }
}

function linesOf(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `  ${path}: ${message}`).join("\n");
}

function priorityOf(option: PriorityOption = "normal"): RunOptions["priority"] {
  return option === "urgent" ? "critical" : option === "medium" ? "normal" : option;
}

function textOf(value: JsonObject, what: string): string {
  const text = encodeJson(value);
  if ("json" in text) return text.json;
  throw new TuttiError("OPTIONS_INVALID", { problems: `  ${what}${text.error.path.slice(1)}: ${text.error.problem}` });
}
