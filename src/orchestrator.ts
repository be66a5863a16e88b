/** The composition root: the one place where stores, executors, engine and facets are put together. */
import type { Agent } from "./agent/define.ts";
import { CodeTables } from "./engine/code.ts";
import { Engine } from "./engine/engine.ts";
import type { EngineParts } from "./engine/parts.ts";
import type { Executor } from "./executor/port.ts";
import type { EventHandler, EventName } from "./facets/events.ts";
import { Events } from "./facets/events.ts";
import { Runs } from "./facets/runs.ts";
import { Workflows } from "./facets/workflows.ts";
import { reapOrphans } from "./host/reap.ts";
import type { Secrets } from "./host/secrets.ts";
import { createSecrets } from "./host/secrets.ts";
import type { OrchestratorOptions, ResolvedOptions } from "./options.ts";
import { resolveOptions } from "./options.ts";
import type { ControlServer } from "./server/control/server.ts";
import type { Command } from "./run/commands.ts";
import type { Runtime } from "./run/runtime.ts";
import type { Disarm } from "./std/clock.ts";
import type { Store } from "./store/port.ts";
import { DEFAULTS } from "./workflow/policy.ts";

/** The name of a store without a file. */
const MEMORY = ":memory:";

/** A running engine with its facets. Close it with `await using` or `close()`. */
export class Orchestrator implements AsyncDisposable {
  readonly runs: Runs;
  /** Resolves when it has been closed. */
  readonly closed: Promise<void>;
  #over!: () => void;
  readonly #engine: Engine;
  readonly #events: Events;
  readonly #control: ControlServer | undefined;

  /** Made by `createOrchestrator`. */
  constructor(parts: {
    readonly engine: Engine;
    readonly runs: Runs;
    readonly events: Events;
    readonly control: ControlServer | undefined;
  }) {
    this.runs = parts.runs;
    this.#engine = parts.engine;
    this.#events = parts.events;
    this.#control = parts.control;
    this.closed = new Promise((resolve) => (this.#over = resolve));
  }

  /** For the server and the command line: the engine, as every runtime shows itself. */
  get runtime(): Runtime {
    return this.#engine;
  }

  /** The runs that had not ended when it opened. */
  get opened(): readonly string[] {
    return this.#engine.opened;
  }

  /** Calls `handler` for every event of this name (or `*`), once it is durable. Returns what ends it. */
  on(name: EventName, handler: EventHandler): Disarm {
    return this.#events.on(name, handler);
  }

  /**
   * Lets attempts under way finish for `shutdownGrace`, or until `hurry` aborts, hands the rest back, and closes the
   * store.
   */
  async close(hurry?: AbortSignal): Promise<void> {
    // While the lock is still held: the next owner listens at the same place.
    await this.#control?.close();
    const closed = this.#engine[Symbol.asyncDispose]();
    const stop = (): void => this.#engine.abortAll();
    if (hurry?.aborted) stop();
    hurry?.addEventListener("abort", stop);
    await closed.finally(() => hurry?.removeEventListener("abort", stop));
    await this.#events.drain();
    this.#over();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Opens the store, takes up every run that has not ended, and returns when that is durable. Throws OPTIONS_INVALID,
 * DEFINITION_INVALID, STORE_LOCKED (another process owns the store) or STORE_UNUSABLE.
 */
export async function createOrchestrator(options: OrchestratorOptions = {}): Promise<Orchestrator> {
  return withParts(options, async (parts, resolved) => {
    const control = await listen(resolved);
    try {
      const { engine, runs } = await openEngine(parts, resolved);
      control?.serve({ runs, runtime: engine });
      return new Orchestrator({ engine, runs, events: new Events(engine, resolved.report), control });
    } catch (error) {
      await control?.close();
      throw error;
    }
  });
}

/** Other terminals may come from now on; they are answered when the engine is open. */
async function listen({ store, clock, report }: ResolvedOptions): Promise<ControlServer | undefined> {
  if (typeof store !== "string" || store === MEMORY) return undefined;
  return (await import("./server/control/server.ts")).ControlServer.open({ store, clock, report });
}

async function openEngine(
  parts: EngineParts,
  resolved: ResolvedOptions,
): Promise<{ readonly engine: Engine; readonly runs: Runs }> {
  const { clock, ids } = resolved;
  const { code } = parts;
  const brought: Agent[] = [];
  let added = (agents: readonly Agent[]): void => void brought.push(...agents);
  const workflows = new Workflows(code, (agents) => added(agents));
  for (const workflow of resolved.workflows) workflows.register(workflow);
  const agents = [...resolved.agents, ...brought].map(parts.reach);
  const engine = await Engine.open({ ...parts, agents });
  added = (more) => {
    engine.addAgents(more.map(parts.reach));
    engine.codeAdded();
  };
  const runs = new Runs({
    runtime: engine,
    workflows,
    code,
    clock,
    ids,
    defaults: { ...DEFAULTS, retry: resolved.retry, timeout: resolved.timeout, runTimeoutMs: resolved.runTimeoutMs },
    progressIntervalMs: resolved.progressIntervalMs,
  });
  return { engine, runs };
}

/** What may be asked of a run with no engine on its store. */
type LoneCommand = Extract<Command, { readonly type: "pause" | "resume" | "cancel" | "kill" }>;

/**
 * One command for one run of a store that nobody owns: pause and resume are durable when it resolves and take effect
 * when an engine next runs; cancel and kill also drive that run to its end. Other runs are not touched. Throws
 * STORE_LOCKED when somebody does own it, RUN_UNKNOWN, RUN_ENDED or RUN_STATE.
 */
export async function commandRun(options: OrchestratorOptions, runId: string, command: LoneCommand): Promise<void> {
  return withParts(options, (parts) => Engine.command(parts, runId, command));
}

/** Opens the store and puts together what an engine is made of; what fails afterwards closes the store. */
async function withParts<T>(
  options: OrchestratorOptions,
  use: (parts: EngineParts, resolved: ResolvedOptions) => Promise<T>,
): Promise<T> {
  const resolved = resolveOptions(options);
  const { clock, report } = resolved;
  const secrets = createSecrets(resolved.secrets);
  const store = typeof resolved.store === "string" ? await openStore(resolved.store, resolved) : resolved.store;
  try {
    const executors = await loadExecutors(resolved, store, secrets);
    const parts: EngineParts = {
      store,
      clock,
      code: new CodeTables(),
      agents: [],
      inline: executors.inline,
      reach: (agent) => ({ card: agent.card, executor: executors.of(agent) }),
      resolveSecrets: (json) => secrets.resolve(json),
      reap: async () => void (await reapOrphans(store.id)),
      report,
      limits: { ...DEFAULTS, ...resolved },
    };
    return await use(parts, resolved);
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

let ofThisProcess: Promise<Orchestrator> | undefined;

/** The process's default orchestrator: made by the first call, with its options; the same one until it is closed. */
export function getOrchestrator(options?: OrchestratorOptions): Promise<Orchestrator> {
  ofThisProcess ??= createOrchestrator(options).then(
    (made) => {
      void made.closed.then(() => (ofThisProcess = undefined));
      return made;
    },
    (error: unknown) => {
      ofThisProcess = undefined;
      throw error;
    },
  );
  return ofThisProcess;
}

async function openStore(path: string, { clock, ids }: ResolvedOptions): Promise<Store> {
  if (path === MEMORY) return (await import("./store/memory/open.ts")).openMemory();
  return (await import("./store/sqlite/open.ts")).openSqlite(path, { clock, ids });
}

interface Executors {
  readonly of: (agent: Agent) => Executor;
  readonly inline: EngineParts["inline"];
}

async function loadExecutors(options: ResolvedOptions, store: Store, secrets: Secrets): Promise<Executors> {
  const { functionExecutor } = await import("./executor/function/executor.ts");
  const { processExecutor } = await import("./executor/process/executor.ts");
  const { redacting } = await import("./executor/redacting.ts");
  const inline: Executors["inline"] = (run) => redacting(functionExecutor(run), secrets);
  return {
    inline,
    of: ({ reach }) => {
      if (reach.executor === "function") return inline(reach.run);
      const host = {
        storeId: store.id,
        clock: options.clock,
        secrets,
        graceMs: reach.signalGraceMs ?? DEFAULTS.signalGraceMs,
        maxLogBytes: DEFAULTS.logBytesPerAttempt,
      };
      return redacting(processExecutor(reach, host), secrets);
    },
  };
}
