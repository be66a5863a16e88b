/** One engine on a simulated clock and rows that outlive it: what the engine's own tests ask, in a line each. */
import type { Agent } from "../agent/define.ts";
import { CodeTables } from "../engine/code.ts";
import type { Engine } from "../engine/engine.ts";
import type { EngineLimits } from "../engine/parts.ts";
import type { RunEvent, RunOptions } from "../run/events.ts";
import type { StartRun } from "../run/runtime.ts";
import type { Instance, Run } from "../run/state.ts";
import { openMemory } from "../store/memory/open.ts";
import { MemoryRows } from "../store/memory/rows.ts";
import type { Store } from "../store/port.ts";
import type { Step, WorkflowDefinition } from "../workflow/definition.ts";
import type { SimulatedClock } from "./clock.ts";
import { simulatedClock } from "./clock.ts";
import type { PartsGiven } from "./engine.ts";
import { definitionOf, openEngine, startOf } from "./engine.ts";

export interface BenchOptions {
  readonly limits?: Partial<EngineLimits>;
  readonly agents?: readonly Agent[] | ((clock: SimulatedClock) => readonly Agent[]);
  /** What `{ code }` stands for. */
  readonly code?: Readonly<Record<string, unknown>>;
  /** Around the store over `rows`. */
  readonly store?: (inner: Store, clock: SimulatedClock) => Store;
  readonly resolveSecrets?: PartsGiven["resolveSecrets"];
  readonly clock?: SimulatedClock;
  readonly rows?: MemoryRows;
}

export type BenchRun = Partial<RunOptions> & {
  readonly input?: StartRun["input"];
  readonly workflow?: Partial<Omit<WorkflowDefinition, "tutti" | "steps">>;
};

export class Bench implements AsyncDisposable {
  readonly clock: SimulatedClock;
  readonly rows: MemoryRows;
  readonly code = new CodeTables();
  readonly reports: string[] = [];
  engine!: Engine;
  private readonly options: BenchOptions;

  private constructor(options: BenchOptions) {
    this.options = options;
    this.clock = options.clock ?? simulatedClock();
    this.rows = options.rows ?? new MemoryRows();
  }

  static async open(options: BenchOptions = {}): Promise<Bench> {
    const bench = new Bench(options);
    const { agents = [], store = (inner) => inner, limits = {}, resolveSecrets } = options;
    bench.engine = await bench.clock.runUntil(
      openEngine({
        clock: bench.clock,
        code: bench.code,
        store: store(openMemory(bench.rows), bench.clock),
        agents: typeof agents === "function" ? agents(bench.clock) : agents,
        limits,
        report: (line) => void bench.reports.push(line),
        ...(resolveSecrets && { resolveSecrets }),
      }),
    );
    return bench;
  }

  /** Asks for a run of these steps, in a workflow of the run's name. Resolves when the start is acknowledged. */
  start(runId: string, steps: Readonly<Record<string, Step>>, { workflow, ...options }: BenchRun = {}): Promise<void> {
    const definition = definitionOf(steps, { id: runId, ...workflow });
    this.register(definition);
    return this.engine.start(startOf(runId, definition, options));
  }

  register(definition: WorkflowDefinition): void {
    this.code.register(definition, new Map(Object.entries(this.options.code ?? {})));
  }

  /** The same, and lets happen what needs no time. */
  async started(runId: string, steps: Readonly<Record<string, Step>>, run: BenchRun = {}): Promise<void> {
    await this.clock.runUntil(this.start(runId, steps, run), { withinMs: 0 });
  }

  /** Lets time pass until the run has ended. */
  ended(runId: string): Promise<Run> {
    return this.clock.runUntil(this.engine.whenEnded(runId));
  }

  async run(runId: string): Promise<Run> {
    const view = await this.engine.get(runId);
    if (!view) throw new Error(`there is no run ${runId}`);
    return view.run;
  }

  async step(runId: string, path: string): Promise<Instance> {
    for (const instance of (await this.run(runId)).instances) if (instance.path === path) return instance;
    throw new Error(`there is no step ${path}`);
  }

  /** Its events, from the store. */
  journal(runId: string): Promise<readonly RunEvent[]> {
    return openMemory(this.rows).events(runId, 0, 1_000);
  }

  /** The paths of the steps that began, in order, over all these runs. */
  async begun(...runIds: readonly string[]): Promise<string[]> {
    const all = await Promise.all(
      runIds.map(async (runId) => (await this.journal(runId)).map((event) => ({ runId, event }))),
    );
    return all
      .flat()
      .filter(({ event }) => event.type === "step.started")
      .sort((a, b) => a.event.at - b.event.at)
      .map(({ runId, event }) => (runIds.length > 1 ? `${runId}/${event.path}` : (event.path ?? "")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.runUntil(this.engine[Symbol.asyncDispose]());
  }
}

/** A step of inline code. */
export function inline(code: string, rest: Partial<Omit<Extract<Step, { kind: "task" }>, "kind" | "run">> = {}): Step {
  return { kind: "task", run: { code }, ...rest };
}

/** A step for an agent. */
export function byAgent(id: string, rest: Partial<Omit<Extract<Step, { kind: "task" }>, "kind" | "agent">> = {}): Step {
  return { kind: "task", agent: { id }, ...rest };
}
