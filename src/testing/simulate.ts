/**
 * The whole real engine, many lives of it, in one process and no time: random workflows and agents, commands and
 * faults at random moments, all of it from one seed, and an oracle that watches (RELIABILITY 2.1, T12).
 */
import type { EngineParts } from "../engine/parts.ts";
import { fold } from "../run/evolve.ts";
import { seeded } from "../std/random.ts";
import { DurableStore } from "../store/durable.ts";
import type { SimulatedClock } from "./clock.ts";
import { simulatedClock } from "./clock.ts";
import { Clients } from "./simulation/clients.ts";
import { Counts } from "./simulation/counts.ts";
import { Dice } from "./simulation/dice.ts";
import { World } from "./simulation/lives.ts";
import { atRest } from "./simulation/rest.ts";
import type { Scenario } from "./simulation/scenario.ts";
import { randomScenario } from "./simulation/scenario.ts";
import { Trace } from "./simulation/trace.ts";
import type { WitnessParts } from "./simulation/witness.ts";
import { messageOf, Witness } from "./simulation/witness.ts";

export interface SimulateOptions {
  /** Changes what each engine is made of: plant a bug here and the oracle must find it. */
  readonly sabotage?: (parts: EngineParts) => EngineParts;
  /** Keeps the lines of the trace, for reading. */
  readonly keepTrace?: boolean;
}

export interface Simulation {
  readonly seed: number;
  /** Every durable event and every execution, in order: equal for equal seeds. */
  readonly trace: { readonly hash: string; readonly length: number; readonly lines: readonly string[] | undefined };
  /** What happened, and how often. */
  readonly counts: Readonly<Record<string, number>>;
  /** What must not have happened. Empty: all is well. */
  readonly violations: readonly string[];
}

/** After this nothing is done to the engine any more, and everything must come to an end. */
const CALM_AFTER_MS = 6_000;
/** By when: the longest schedule-to-start, total and run timeouts there are, one after the other. */
const END_WITHIN_MS = 3_600_000;

/**
 * Plays one seed to its end.
 *
 * ```ts
 * const { violations } = await simulate(42);
 * expect(violations).toEqual([]);
 * ```
 */
export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Simulation> {
  const { stackTraceLimit } = Error;
  // Stacks cost more than the steps do, and name places on this machine.
  Error.stackTraceLimit = 0;
  try {
    return await play(seed, options);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function play(seed: number, { sabotage, keepTrace = false }: SimulateOptions): Promise<Simulation> {
  const dice = new Dice(seeded(seed));
  const scenario = randomScenario(dice);
  const clock = simulatedClock();
  const counts = new Counts();
  const trace = new Trace(keepTrace);
  const witness = new Witness({ limits: limitsOf(scenario), trace, counts, uptime: clock.uptime });
  const world = new World({ scenario, dice, clock, counts, witness, sabotage });
  const clients = new Clients({ scenario, clock, counts, witness, world });
  for (const atMs of scenario.crashes) clock.after(atMs, () => world.crash());
  for (const atMs of scenario.shutdowns) clock.after(atMs, () => void world.close());
  for (const { atMs, ms } of scenario.jumps) {
    clock.after(atMs, () => {
      counts.add("jumps");
      clock.jump(ms);
    });
  }
  clock.after(CALM_AFTER_MS, () => {
    world.calm = true;
    clients.release();
  });
  world.open();
  try {
    await toTheEnd({ clock, world, witness, scenario });
    for (const { id } of scenario.runs)
      if (!clients.started.has(id)) witness.violated(`the start of ${id} was never acknowledged`);
    await conclude(world, witness, scenario);
  } catch (thrown) {
    witness.violated(`the simulation broke: ${messageOf(thrown)}`);
  }
  return { seed, trace: trace.end(), counts: counts.toRecord(), violations: witness.violations };
}

interface Stage {
  readonly clock: SimulatedClock;
  readonly world: World;
  readonly witness: Witness;
  readonly scenario: Scenario;
}

/** I5 */
async function toTheEnd({ clock, world, witness, scenario }: Stage): Promise<void> {
  const over = (): boolean => scenario.runs.every(({ id }) => witness.runs.get(id)?.end !== undefined);
  await clock.settle();
  while (!over() || !world.calm) {
    atRest(world, witness, scenario);
    if (witness.violations.length > 20 || clock.uptime() > END_WITHIN_MS || !(await clock.advanceToNext())) break;
  }
  for (const { id } of scenario.runs) {
    const run = witness.runs.get(id);
    if (run?.end !== undefined) continue;
    const steps = run && Array.from(run.instances, ({ path, status }) => `${path} ${status}`).join(", ");
    witness.violated(`${id} does not end: ${steps ?? "it was never created"}`);
  }
  if (!world.life?.engine) return;
  await clock.runUntil(world.close(), { withinMs: 60_000 });
  await clock.settle();
}

/** I7, over everything there is at the end: the chain holds, and rows, journal and what was seen agree. */
async function conclude(world: World, witness: Witness, { runs }: Scenario): Promise<void> {
  const store = new DurableStore(world.rows);
  for (const { id } of runs) {
    const restored = await store.run(id);
    if (!restored) continue;
    witness.sameAs(restored);
    witness.sameAs(fold(id, await store.events(id, 0, Number.MAX_SAFE_INTEGER), restored.pinned));
  }
}

function limitsOf({ limits, agents }: Scenario): WitnessParts["limits"] {
  return {
    slots: limits.maxConcurrentTasks ?? Infinity,
    runs: limits.maxConcurrentRuns ?? Infinity,
    agents: new Map(agents.map(({ id, maxConcurrency }) => [id, maxConcurrency])),
  };
}
