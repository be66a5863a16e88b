/** What must hold whenever nothing moves: no place is free while something waits that could have it (DESIGN 5.12). */
import { matches } from "../../agent/match.ts";
import type { Instance } from "../../run/state.ts";
import type { World } from "./lives.ts";
import type { Scenario } from "./scenario.ts";
import type { Place, Witness } from "./witness.ts";

/** Called when the clock stands and nothing is under way that needs no time. */
export function atRest(world: World, witness: Witness, scenario: Scenario): void {
  const { life } = world;
  if (!life?.engine || life.closing || life.committing || world.behaviour.mapping > 0) return;
  const taken = world.taken();
  if (taken.length >= (scenario.limits.maxConcurrentTasks ?? Infinity)) return;
  const open = [...witness.runs.values()].filter(({ end }) => end === undefined);
  const admitted = open.filter(({ startedAt }) => startedAt !== undefined);
  const waiting = open.filter(({ startedAt, stranded }) => startedAt === undefined && !stranded);
  if (waiting.length > 0 && admitted.length < (scenario.limits.maxConcurrentRuns ?? Infinity))
    witness.violated(`${waiting.length} runs wait, and ${admitted.length} run`);
  for (const run of admitted) {
    if (run.paused || run.stranded || run.stopping || run.tally.ready === 0) continue;
    const own = taken.filter(({ runId }) => runId === run.id).length;
    if (own >= (run.pinned.definition.concurrency ?? Infinity)) continue;
    for (const instance of run.instances) {
      if (waitsForAgent(instance) && hasFreeAgent(instance, taken, scenario))
        witness.violated(`${run.id} ${instance.path} waits, and it could begin`);
    }
  }
}

function waitsForAgent({ status, admitted, step: { step } }: Instance): boolean {
  return status === "ready" && step.kind === "task" && (step.when === undefined || admitted);
}

function hasFreeAgent(instance: Instance, taken: readonly Place[], scenario: Scenario): boolean {
  const { step } = instance.step;
  const selector = instance.fallback ?? (step.kind === "task" ? step.agent : undefined);
  if (!selector) return true;
  return scenario.agents.some(
    (card) =>
      matches(selector, { ...card, tags: [], executor: "function" }) &&
      taken.filter(({ agent }) => agent === card.id).length < card.maxConcurrency,
  );
}
