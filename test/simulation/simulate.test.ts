/**
 * T12: the whole engine from a seed. A failure names its seed: `simulate(seed, { keepTrace: true })` plays it again,
 * exactly. The long programme (test/long/simulation.test.ts) plays a million.
 */
import { describe, expect, test } from "vitest";
import { simulate } from "../../src/testing/simulate.ts";
import { verifies } from "../verifies.ts";

const SEEDS = 5_000;

/** What must have happened somewhere in all these seeds, or the simulation has stopped testing it. */
const SEEN = [
  "runs completed, runs completed in part, runs failed, runs cancelled, abandoned",
  "step.completed, step.failed, step.skipped, step.cancelled, step.retrying, step.opened",
  "step.errored, step.handled, step.evaluated, released lost, released shutdown",
  "crashes, crash with nothing kept, crash with some kept, crash with all kept",
  "refuse with nothing kept, refuse with some kept, refuse with all kept",
  "commits tried again, slow commits, commits of several runs, engines closed, engines closed on a full disk",
  "jumps, code forgotten, answers too late, answers given twice, commands refused, looks, followed to the end",
  "pause acknowledged, resume acknowledged, cancel acknowledged, kill acknowledged, variables acknowledged",
  "agent hangsForGood, agent late, agent twice, agent notJson, agent large, evaluation late",
];

describe("the whole engine, many lives of it, under every fault there is", () => {
  test(
    "5,000 seeds: nothing lost, nothing done twice, everything comes to an end",
    { ...verifies("004-F036"), timeout: 300_000 },
    async () => {
      const totals = new Map<string, number>();
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { counts, violations } = await simulate(seed);
        expect(violations, `seed ${seed}`).toEqual([]);
        for (const [name, count] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + count);
      }
      expect(
        SEEN.flatMap((line) => line.split(", ")).filter((name) => !totals.has(name)),
        "never happened",
      ).toEqual([]);
      expect(totals.get("executions")).toBeGreaterThan(5 * SEEDS);
      expect(totals.get("starts acknowledged")).toBeGreaterThan(2 * SEEDS);
    },
  );

  test("the same seed gives the same trace", async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const first = await simulate(seed);
      expect(await simulate(seed)).toEqual(first);
    }
  });
});
