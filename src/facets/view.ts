/** A run as people and programs see it: values instead of refs, ISO times, steps by path. */
import type { Failure } from "../errors.ts";
import { isEnded } from "../run/instance.ts";
import type { Progress } from "../run/progress.ts";
import { progressOf } from "../run/progress.ts";
import type { Ref } from "../run/ref.ts";
import type { Runtime, RunSummary, RunView } from "../run/runtime.ts";
import type { Instance, InstanceStatus, Run, RunStatus } from "../run/state.ts";
import type { Json, JsonObject } from "../std/json.ts";
import type { Priority } from "../workflow/definition.ts";

export interface StepInfo {
  readonly id: string;
  readonly status: InstanceStatus;
  readonly agent?: string;
  /** Why this agent was picked. */
  readonly why?: string;
  readonly type?: string;
  readonly description?: string;
  readonly phase?: string;
  /** Executions that began and that the agent is answerable for. */
  readonly attempts: number;
  /** Executions lost to crashes of ours. */
  readonly recoveries: number;
  readonly readyAt?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly output?: Json;
  readonly error?: Failure;
  /** Of a skip. */
  readonly reason?: string;
  /** It was told to stop, did not in time, and was given up: something of it may still run. */
  readonly abandoned?: true;
}

interface RunFacts {
  readonly id: string;
  readonly workflow: { readonly id: string; readonly version: string; readonly hash: string };
  readonly priority: Priority;
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
  readonly variables: JsonObject;
  readonly input: Json;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly progress: Progress;
  readonly completedSteps: readonly string[];
  /** Every instance there is, by path. */
  readonly steps: Readonly<Record<string, StepInfo>>;
}

/** Of an ended run also: when, and how long it took from its start, in ms. */
interface Ended {
  readonly endedAt: string;
  readonly durationMs: number;
}

/** A run: what it has depends on its status. */
export type RunInfo = RunFacts &
  (
    | { readonly status: Exclude<RunStatus, "completed" | "failed" | "cancelled" | "stranded"> }
    /** It goes on when somebody brings what is missing. */
    | { readonly status: "stranded"; readonly missing: readonly string[] }
    | ({
        readonly status: "completed";
        readonly success: true;
        readonly output: Json;
        readonly partial: boolean;
      } & Ended)
    | ({ readonly status: "failed"; readonly success: false; readonly error: Failure } & Ended)
    | ({
        readonly status: "cancelled";
        readonly success: false;
        readonly reason?: string;
        readonly inconsistent: boolean;
      } & Ended)
  );

/** One line of a list of runs. */
export interface RunLine {
  readonly id: string;
  readonly workflow: { readonly id: string; readonly version: string };
  readonly status: RunStatus;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

type Values = (ref: Ref) => Promise<Json>;

/** Whoever can read the values that refs stand for. */
export interface Blobs {
  readonly blob: Pick<Runtime["blob"], "get">;
}

export async function describeRun(runtime: Blobs, view: RunView): Promise<RunInfo> {
  const value: Values = async (ref) => JSON.parse(await runtime.blob.get(ref)) as Json;
  const { run } = view;
  const progress = progressOf(view);
  const facts: RunFacts = {
    id: run.id,
    workflow: run.workflow,
    priority: run.options.priority,
    tags: run.options.tags,
    metadata: (await value(run.options.metadata)) as JsonObject,
    variables: (await value(run.variables)) as JsonObject,
    input: await value(run.input),
    createdAt: iso(run.createdAt),
    ...(run.startedAt !== undefined && { startedAt: iso(run.startedAt) }),
    progress,
    completedSteps: [...run.instances].filter(({ status }) => status === "completed").map(({ path }) => path),
    steps: await describeSteps(run, value),
  };
  return { ...facts, ...(await describeEnd(run, progress.status, value)) } as RunInfo;
}

export function describeLine(summary: RunSummary): RunLine {
  const { id, workflow, status, priority, tags, createdAt, startedAt, endedAt } = summary;
  return {
    id,
    workflow: { id: workflow.id, version: workflow.version },
    status,
    priority,
    tags,
    createdAt: iso(createdAt),
    ...(startedAt !== undefined && { startedAt: iso(startedAt) }),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
  };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

async function describeEnd(run: Run, status: RunStatus, value: Values): Promise<object> {
  if (status === "stranded") return { status, missing: run.stranded ?? [] };
  if (run.endedAt === undefined) return { status };
  const ended = { endedAt: iso(run.endedAt), durationMs: run.endedAt - (run.startedAt ?? run.createdAt) };
  if (status === "completed") {
    const output = run.output ? await value(run.output) : null;
    return { status, success: true, output, partial: run.partial, ...ended };
  }
  if (status === "failed") return { status, success: false, error: run.error, ...ended };
  const reason = run.stopping?.reason;
  return { status, success: false, ...(reason !== undefined && { reason }), inconsistent: run.inconsistent, ...ended };
}

async function describeSteps(run: Run, value: Values): Promise<Record<string, StepInfo>> {
  const steps: Record<string, StepInfo> = {};
  for (const instance of run.instances) steps[instance.path] = await describeStep(instance, value);
  return steps;
}

async function describeStep(instance: Instance, value: Values): Promise<StepInfo> {
  const { step, status, agent, why, attempts, recoveries, readyAt, startedAt, endedAt, output, error, reason } =
    instance;
  const { type, description, phase } = step.step;
  return {
    id: step.id,
    status,
    ...(agent !== undefined && { agent }),
    ...(why !== undefined && { why }),
    ...(type !== undefined && { type }),
    ...(description !== undefined && { description }),
    ...(phase !== undefined && { phase }),
    attempts,
    recoveries,
    ...(readyAt !== undefined && { readyAt: iso(readyAt) }),
    ...(startedAt !== undefined && { startedAt: iso(startedAt) }),
    ...(endedAt !== undefined && isEnded(status) && { endedAt: iso(endedAt) }),
    ...(output && { output: await value(output) }),
    ...(error && { error }),
    ...(reason !== undefined && { reason }),
    ...(instance.abandoned && { abandoned: true as const }),
  };
}
