/** What must hold whenever nothing moves: no place is free while something waits that could have it (DESIGN 5.12). */
import { matches } from "../../agent/match.ts";
import type { Instance } from "../../run/state.ts";
import type { World } from "./lives.ts";
import type { Scenario } from "./scenario.ts";
import { LATECOMER } from "./workflows.ts";
import type { Place, Witness } from "./witness.ts";

/** What a store that is slow or full may add: it is tried again every second. */
const LATE_MS = 6_000;

/** Called when the clock stands and nothing is under way that needs no time. */
export function atRest(world: World, witness: Witness, scenario: Scenario): void {
  const { life } = world;
  if (!life?.engine || life.closing || life.committing || world.behaviour.unseen > 0) return;
  if (world.uptime() < life.storingUntil) return;
  overstayed(world, witness, scenario);
  const taken = world.taken();
  if (taken.length >= (scenario.limits.maxConcurrentTasks ?? Infinity)) return;
  const open = [...witness.runs.values()].filter(({ end }) => end === undefined);
  const admitted = open.filter(({ startedAt }) => startedAt !== undefined);
  const waiting = open.filter(({ startedAt, stranded }) => startedAt === undefined && !stranded);
  if (waiting.length > 0 && admitted.length < (scenario.limits.maxConcurrentRuns ?? Infinity))
    witness.violated(`${waiting.length} runs wait, and ${admitted.length} run`);
  const agents = scenario.agents.filter(({ id }) => id !== LATECOMER || life.complete);
  for (const run of admitted) {
    if (run.paused || run.stranded || run.stopping || run.tally.ready === 0) continue;
    const own = taken.filter(({ runId }) => runId === run.id).length;
    if (own >= (run.pinned.definition.concurrency ?? Infinity)) continue;
    for (const instance of run.instances) {
      if (waitsForAgent(instance) && hasFreeAgent(instance, taken, agents))
        witness.violated(`${run.id} ${instance.path} waits, and it could begin`);
    }
  }
}

/** An attempt that has not come back in time, and has had the time to stop, is given up. */
function overstayed(world: World, witness: Witness, { limits }: Scenario): void {
  for (const [name, { at, startToCloseMs }] of witness.places) {
    const most = startToCloseMs + (limits.abortGraceMs ?? 0);
    const had = world.uptime() - at;
    if (had > most + LATE_MS) witness.violated(`${name} has been running for ${had} ms, at most ${most}`);
  }
}

function waitsForAgent({ status, admitted, step: { step } }: Instance): boolean {
  return status === "ready" && step.kind === "task" && (step.when === undefined || admitted);
}

function hasFreeAgent(instance: Instance, taken: readonly Place[], agents: Scenario["agents"]): boolean {
  const { step } = instance.step;
  const selector = instance.fallback ?? (step.kind === "task" ? step.agent : undefined);
  if (!selector) return true;
  return agents.some(
    (card) =>
      matches(selector, { ...card, tags: [], executor: "function" }) &&
      taken.filter(({ agent }) => agent === card.id).length < card.maxConcurrency,
  );
}
