import { describe, expect, test } from "vitest";
import { haveCases, readCases } from "../makespan/cases.ts";
import { medianTaskMs, meanRatio, played, told } from "../makespan/played.ts";

const MINUTES = 60_000;

describe.skipIf(!haveCases)("makespan in real time (skipped where ../shared/cases is absent)", () => {
  test("standard task graphs take on average at most 1.05 of list scheduling", { timeout: 10 * MINUTES }, async () => {
    const results = await played(readCases("stg"), 4);
    console.log("stg, real time:", told(results));
    expect(results).toHaveLength(48);
    expect(meanRatio(results)).toBeLessThanOrEqual(1.05);
  });

  test("real workflows of tasks of 20 ms and more take at most 1.10 each", { timeout: 10 * MINUTES }, async () => {
    const results = await played(
      readCases("wf").filter((one) => medianTaskMs(one) >= 20),
      1,
    );
    console.log("wf, real time:", told(results));
    expect(results.length).toBeGreaterThan(20);
    expect(results.filter(({ ratio }) => ratio > 1.1)).toEqual([]);
  });
});
