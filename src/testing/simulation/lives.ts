/** One engine after the other on the same rows: each lives until it is killed or closed, and the next takes over. */
import type { Context } from "../../agent/context.ts";
import { agent } from "../../agent/define.ts";
import { CodeTables } from "../../engine/code.ts";
import { Engine } from "../../engine/engine.ts";
import type { EngineParts } from "../../engine/parts.ts";
import type { Executor, Outcome } from "../../executor/port.ts";
import { isPromise } from "../../std/eventually.ts";
import { openMemory } from "../../store/memory/open.ts";
import { MemoryRows } from "../../store/memory/rows.ts";
import type { Store } from "../../store/port.ts";
import type { SimulatedClock } from "../clock.ts";
import { partsOf } from "../engine.ts";
import type { Fault, FaultyStore } from "../store.ts";
import { faultyStore } from "../store.ts";
import { Behaviour } from "./behaviour.ts";
import type { Counts } from "./counts.ts";
import type { Dice } from "./dice.ts";
import { MortalClock } from "./mortal.ts";
import type { Scenario } from "./scenario.ts";
import { LATECOMER } from "./workflows.ts";
import type { Execution, Place, Witness } from "./witness.ts";

/** What the engine waits before a second try. */
const REFUSED_AGAIN_MS = 1_000;

export interface Life {
  readonly number: number;
  readonly clock: MortalClock;
  readonly store: FaultyStore;
  readonly code: CodeTables;
  /** From when it has taken up its runs. */
  engine: Engine | undefined;
  closing: boolean;
  /** A commit is under way, or refused and to be tried again: the engine decides nothing meanwhile. */
  committing: boolean;
  /** A large result is being stored until then, by uptime: its attempt keeps its place so long. */
  storingUntil: number;
  refused: boolean;
  /** The latecomer is there. */
  complete: boolean;
}

export interface WorldParts {
  readonly scenario: Scenario;
  readonly dice: Dice;
  readonly clock: SimulatedClock;
  readonly counts: Counts;
  readonly witness: Witness;
  /** A last hand on what an engine is made of: how a test plants a bug. */
  readonly sabotage?: ((parts: EngineParts) => EngineParts) | undefined;
}

export class World {
  life: Life | undefined;
  /** Past this, nothing is done to the engine any more. */
  calm = false;
  /** Called whenever more can be asked of an engine than before: it is open, or has its code. */
  onOpen: () => void = () => undefined;
  /** Called with every answer of an attempt whose engine had died, and now and then with one that was heard already. */
  onEcho: (execution: Execution, outcome: Outcome) => void = () => undefined;
  /** Called when an engine has closed in peace. */
  onClosed: (engine: Engine) => void = () => undefined;
  readonly rows = new MemoryRows();
  readonly behaviour: Behaviour;
  private readonly parts: WorldParts;
  private lives = 0;
  /** Attempts of the engine that lives whose executor has not come back. */
  private readonly underWay = new Set<Execution>();
  /** By run: when its end became durable, by uptime. */
  private readonly endedAt = new Map<string, number>();

  constructor(parts: WorldParts) {
    this.parts = parts;
    this.behaviour = new Behaviour(parts);
  }

  open(): void {
    const { clock, counts, scenario, dice, sabotage } = this.parts;
    const number = ++this.lives;
    const code = new CodeTables();
    const mortal = new MortalClock(clock, clock.uptime() - dice.between(0, 3) * 1_000_003);
    const life: Life = {
      number,
      code,
      clock: mortal,
      store: this.store(() => life),
      engine: undefined,
      closing: false,
      committing: false,
      storingUntil: -Infinity,
      refused: false,
      complete: false,
    };
    this.life = life;
    const forgets = number > 1 && !this.calm && dice.chance(scenario.forgetsCode);
    if (forgets) {
      counts.add("code forgotten");
      clock.after(dice.between(1, 30) * 50, () => this.remember(life));
    } else this.remember(life);
    const all = this.engineParts(life);
    const parts = { ...all, agents: all.agents.filter(({ card }) => card.id !== LATECOMER) };
    clock.after(dice.between(0, 30) * 50, () => this.complete(life, all.agents));
    void Engine.open(sabotage ? sabotage(parts) : parts).then((engine) => {
      if (this.life !== life) return;
      life.engine = engine;
      counts.add("engines opened");
      // It may have come while the engine was opening.
      if (forgets) engine.codeAdded();
      this.onOpen();
    });
  }

  uptime(): number {
    return this.parts.clock.uptime();
  }

  /**
   * What holds a place in the engine, at most: what the journal says is running, and for a while what a killed run
   * has left behind.
   */
  taken(): readonly Place[] {
    const { witness, clock, scenario } = this.parts;
    const since = clock.uptime() - (scenario.limits.abortGraceMs ?? 0);
    const left = [...this.underWay].filter(({ runId }) => (this.endedAt.get(runId) ?? -Infinity) >= since);
    return [...witness.places.values(), ...left];
  }

  /** The process is gone from one instant to the next. Another starts a little later. */
  crash(): void {
    this.life?.store.crash();
  }

  /** A graceful end; another starts a little later. */
  async close(): Promise<void> {
    const { life } = this;
    if (!life?.engine || life.closing) return;
    life.closing = true;
    const closed = life.engine[Symbol.asyncDispose]();
    const how = await closed.then(
      () => "engines closed",
      () => "engines closed on a full disk",
    );
    if (this.life !== life) return;
    this.parts.counts.add(how);
    const { engine } = life;
    this.parts.clock.soon(() => this.onClosed(engine));
    this.buried(life);
  }

  private buried(life: Life): void {
    const { clock, dice, witness } = this.parts;
    life.clock.die();
    this.life = undefined;
    witness.engineDied();
    this.underWay.clear();
    clock.after(dice.between(0, 20) * 50, () => this.open());
  }

  private complete(life: Life, agents: EngineParts["agents"]): void {
    if (this.life !== life || life.closing) return;
    // One that is there already is not added again.
    if (life.engine) life.engine.addAgents(agents);
    else this.parts.clock.after(50, () => this.complete(life, agents));
    life.complete = life.engine !== undefined;
  }

  private remember(life: Life): void {
    for (const { definition } of this.parts.scenario.runs) life.code.register(definition, this.behaviour.code());
    if (this.life !== life || !life.engine || life.closing) return;
    life.engine.codeAdded();
    this.onOpen();
  }

  private store(life: () => Life): FaultyStore {
    const { clock, counts, witness } = this.parts;
    const inner = openMemory(this.rows);
    return faultyStore(this.compared(inner), {
      clock,
      fault: (parts) => this.fault(life(), parts),
      onDurable: (commits, whole) => {
        counts.add("commits");
        if (commits.length > 1) counts.add("commits of several runs");
        life().committing = !whole || life().refused;
        witness.durable(commits, whole);
        for (const { run } of commits) if (run.end !== undefined) this.endedAt.set(run.id, clock.uptime());
      },
      onCrash: () => {
        counts.add("crashes");
        this.buried(life());
      },
    });
  }

  /** I7: what a new engine reads from the rows is what the journals tell. */
  private compared(inner: Store): Store {
    const openRuns: Store["openRuns"] = async () => {
      const answer = await inner.openRuns();
      this.parts.witness.restored(answer);
      return answer;
    };
    return Object.assign(Object.create(inner) as Store, { openRuns });
  }

  private fault(life: Life, parts: number): Fault | undefined {
    const { dice, counts, scenario, clock } = this.parts;
    if (parts > 0) Object.assign(life, { committing: true, refused: false });
    if (this.calm || clock.uptime() > scenario.faults.untilMs) return undefined;
    const { crash, refuse, slow } = scenario.faults;
    const slowMs = dice.chance(slow) ? dice.between(1, 20) * 50 : undefined;
    const ends = dice.chance(crash) ? "crash" : dice.chance(refuse) ? "refuse" : undefined;
    const againMs = ends === "refuse" ? REFUSED_AGAIN_MS : 0;
    if (parts === 0) life.storingUntil = Math.max(life.storingUntil, clock.uptime() + (slowMs ?? 0) + againMs);
    if (slowMs !== undefined) counts.add("slow commits");
    if (ends === undefined) return slowMs === undefined ? undefined : { slowMs };
    if (parts > 0) life.refused = ends === "refuse";
    const kept = dice.between(0, parts);
    const where = kept === 0 ? "nothing kept" : kept === parts ? "all kept" : "some kept";
    counts.add(`${ends} with ${where}`);
    return { ends, kept, ...(slowMs !== undefined && { slowMs }) };
  }

  private engineParts(life: Life): EngineParts {
    const { counts, scenario, witness } = this.parts;
    const run = (_input: unknown, context: Context): unknown => this.behaviour.work(context);
    return partsOf({
      clock: life.clock,
      code: life.code,
      limits: scenario.limits,
      store: life.store,
      agents: scenario.agents.map((card) => agent({ ...card, run })),
      around: (executor, id) => this.watched(life, executor, id),
      report: (line) => {
        if (line.startsWith("the store refuses")) counts.add("commits tried again");
        else witness.violated(line);
      },
    });
  }

  private watched(life: Life, executor: Executor, agent: string | undefined): Executor {
    const { witness, clock, dice } = this.parts;
    return {
      restart: executor.restart,
      execute: (attempt) => {
        const execution = witness.begins(life.number, attempt, agent);
        if (this.life === life) this.underWay.add(execution);
        const ended = (outcome: Outcome): Outcome => {
          execution.outcome = outcome;
          this.underWay.delete(execution);
          if (this.life !== life) this.onEcho(execution, outcome);
          else if (dice.chance(0.05)) clock.after(dice.between(0, 8) * 50, () => this.onEcho(execution, outcome));
          return outcome;
        };
        const outcome = executor.execute(attempt);
        return isPromise(outcome) ? outcome.then(ended) : ended(outcome);
      },
    };
  }
}
