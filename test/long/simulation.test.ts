/**
 * T12 at length: a million seeds, or as many as TUTTI_SEEDS says, from TUTTI_FROM on (default 1). Prints the rate, and
 * of the first seed that fails everything it has; `simulate(seed, { keepTrace: true })` plays it again.
 */
import { expect, test } from "vitest";
import { simulate } from "../../src/testing/simulate.ts";

const SEEDS = Number(process.env["TUTTI_SEEDS"] ?? 1_000_000);
const FROM = Number(process.env["TUTTI_FROM"] ?? 1);
const TOLD_EVERY_MS = 60_000;

test(`${SEEDS} seeds: nothing lost, nothing done twice, everything comes to an end`, async () => {
  const begun = performance.now();
  let told = begun;
  let executions = 0;
  let crashes = 0;
  for (let seed = FROM; seed < FROM + SEEDS; seed++) {
    const { counts, violations } = await simulate(seed);
    if (violations.length > 0) console.log(`seed ${seed}:\n  ${violations.join("\n  ")}`);
    expect(violations, `seed ${seed}`).toEqual([]);
    executions += counts["executions"] ?? 0;
    crashes += counts["crashes"] ?? 0;
    const last = seed === FROM + SEEDS - 1;
    const now = performance.now();
    if (now - told < TOLD_EVERY_MS && !last) continue;
    told = now;
    const done = seed - FROM + 1;
    const perHour = Math.round((done / (now - begun)) * 3_600_000);
    console.log(`${done} seeds, ${perHour} an hour; ${executions} executions, ${crashes} crashes`);
  }
  expect(crashes).toBeGreaterThan(SEEDS / 10);
});

test("the same seed gives the same trace, for 1,000 seeds", async () => {
  for (let seed = FROM; seed < FROM + 1_000; seed++) {
    const first = await simulate(seed);
    expect(await simulate(seed)).toEqual(first);
  }
});
