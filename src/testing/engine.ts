/** The engine by hand, without facets: what its own tests and the simulation open. */
import type { Agent } from "../agent/define.ts";
import { CodeTables } from "../engine/code.ts";
import { Engine } from "../engine/engine.ts";
import type { EngineLimits, EngineParts } from "../engine/parts.ts";
import { functionExecutor } from "../executor/function/executor.ts";
import type { Executor } from "../executor/port.ts";
import type { RunOptions } from "../run/events.ts";
import type { StartRun } from "../run/runtime.ts";
import { NULL_REF } from "../run/ref.ts";
import { openMemory } from "../store/memory/open.ts";
import type { Step, WorkflowDefinition } from "../workflow/definition.ts";
import { DEFAULTS } from "../workflow/policy.ts";

export type PartsGiven = Partial<Omit<EngineParts, "clock" | "limits" | "agents">> &
  Pick<EngineParts, "clock"> & {
    readonly limits?: Partial<EngineLimits>;
    readonly agents?: readonly Agent[];
    /** Around every executor. */
    readonly around?: (executor: Executor, agent: string | undefined) => Executor;
  };

/** An engine on a store in memory, with the defaults, unless something else is given. */
export function openEngine(given: PartsGiven): Promise<Engine> {
  return Engine.open(partsOf(given));
}

export function partsOf(given: PartsGiven): EngineParts {
  const around = given.around ?? ((executor: Executor) => executor);
  const { agents = [], around: _, limits, ...rest } = given;
  const reached = ({ card, reach }: Agent) => {
    if (reach.executor !== "function") throw new Error(`${card.id} is not a function`);
    return { card, executor: around(functionExecutor(reach.run), card.id) };
  };
  return {
    store: openMemory(),
    code: new CodeTables(),
    inline: (run) => around(functionExecutor(run), undefined),
    resolveSecrets: (json) => json,
    reap: () => Promise.resolve(),
    report: () => undefined,
    reach: reached,
    ...rest,
    agents: agents.map(reached),
    limits: { ...DEFAULTS, ...limits },
  };
}

export function definitionOf(
  steps: Readonly<Record<string, Step>>,
  rest: Partial<Omit<WorkflowDefinition, "tutti" | "steps">> = {},
): WorkflowDefinition {
  return { tutti: "1", id: "w", version: "1", ...rest, steps };
}

/** What an engine is asked for a run of this definition. */
export function startOf(
  runId: string,
  definition: WorkflowDefinition,
  { input = NULL_REF, ...options }: Partial<RunOptions> & { readonly input?: StartRun["input"] } = {},
): StartRun {
  const { retry, timeout, runTimeoutMs, maxHandlerRounds, maxRecoveries } = DEFAULTS;
  return {
    runId,
    given: true,
    definition,
    hash: `hash of ${definition.id}@${definition.version}`,
    input,
    options: {
      priority: "normal",
      tags: [],
      metadata: { json: "{}" },
      variables: { json: "{}" },
      retry,
      timeout,
      runTimeoutMs: definition.timeoutMs ?? runTimeoutMs,
      maxHandlerRounds,
      maxRecoveries,
      ...options,
    },
  };
}
