/** How long whole graphs take, exactly, on a simulated clock: per-step scheduling against optima and reference. */
import { describe, expect, test } from "vitest";
import { createOrchestrator } from "../../src/orchestrator.ts";
import { simulatedClock, type SimulatedClock } from "../../src/testing/clock.ts";
import { verifies } from "../verifies.ts";
import { type Case, haveCases, readCases } from "./cases.ts";
import { graphOf, msPerUnit, SLOTS } from "./graph.ts";

interface Result {
  readonly name: string;
  /** In units of the case. */
  readonly makespan: number;
  readonly cpList: number;
  readonly optimum: number | undefined;
  /** work ÷ m + (1 − 1 ÷ m) × critical path: no schedule that never idles takes longer. */
  readonly graham: number;
}

/** A promise after exactly `ms`. All that ends at one instant ends before anything else happens in it. */
function worker(clock: SimulatedClock): (ms: number) => Promise<null> | null {
  const due = new Map<number, (() => void)[]>();
  return (ms) => {
    if (ms === 0) return null;
    const at = clock.uptime() + ms;
    return new Promise((resolve) => {
      const end = (): void => resolve(null);
      const together = due.get(at);
      if (together) return void together.push(end);
      const ends = [end];
      due.set(at, ends);
      clock.after(ms, () => {
        due.delete(at);
        for (const one of ends) one();
      });
    });
  };
}

async function play(one: Case, m: number): Promise<number> {
  const clock = simulatedClock();
  const graph = graphOf(one, worker(clock));
  await using tutti = await createOrchestrator({ store: ":memory:", clock, maxConcurrentTasks: m, workflows: [graph] });
  const run = await clock.runUntil(tutti.runs.start(graph, null));
  await clock.runUntil(run.result());
  return clock.uptime() / msPerUnit(one);
}

async function playAll(name: "stg" | "wf"): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const one of readCases(name)) {
    for (const { m, cpList, optimum } of one.runs.filter((run) => SLOTS.includes(run.m))) {
      const makespan = await play(one, m);
      const graham = one.work / m + (1 - 1 / m) * one.cp;
      results.push({ name: `${one.id} on ${m}`, makespan, cpList, optimum, graham });
    }
  }
  return results;
}

const farFromReference = (results: readonly Result[]) =>
  results.filter(({ makespan, cpList }) => Math.abs(makespan / cpList - 1) > 0.005);
/** A millionth for what fractions of ms add up to. */
const aboveGraham = (results: readonly Result[]) =>
  results.filter(({ makespan, graham }) => makespan > graham * (1 + 1e-6));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.skipIf(!haveCases)("makespan (skipped where ../shared/cases is absent)", () => {
  test(
    "standard task graphs take at most 1.01 of the optimum on 4 and 8 slots",
    { ...verifies("000-F009", "001-F111"), timeout: 60_000 },
    async () => {
      const results = await playAll("stg");
      const ratios = results.map(({ makespan, optimum = 0 }) => makespan / optimum);
      const above = results.filter(({ makespan, optimum }) => makespan !== optimum);
      console.log(
        `stg: ${results.length - above.length} of ${results.length} optimal, mean ratio ${mean(ratios).toFixed(4)};`,
        above.map(({ name, makespan, optimum }) => `${name}: ${makespan} for ${optimum}`).join(", "),
      );
      expect(results).toHaveLength(48);
      expect(mean(ratios)).toBeLessThanOrEqual(1.01);
      expect(farFromReference(results)).toEqual([]);
      expect(aboveGraham(results)).toEqual([]);
    },
  );

  test(
    "real workflows take as long as list scheduling by the longest remaining path",
    { ...verifies("002-F011"), timeout: 60_000 },
    async () => {
      const results = await playAll("wf");
      const off = results.map(({ makespan, cpList }) => Math.abs(makespan / cpList - 1) * 100);
      console.log(`wf: ${results.length} schedules, at most ${Math.max(...off).toFixed(4)} % off the reference`);
      expect(results).toHaveLength(46);
      expect(farFromReference(results)).toEqual([]);
      expect(aboveGraham(results)).toEqual([]);
    },
  );
});
