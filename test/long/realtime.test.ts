import { describe, expect, test } from "vitest";
import { haveCases, readCases } from "../makespan/cases.ts";
import { medianTaskMs, meanRatio, playAll, told } from "../makespan/realtime.ts";

const MINUTES = 60_000;

describe.skipIf(!haveCases)("makespan in real time (skipped where ../shared/cases is absent)", () => {
  test("standard task graphs take on average at most 1.05 of list scheduling", { timeout: 10 * MINUTES }, async () => {
    const played = await playAll(readCases("stg"), 4);
    console.log("stg, real time:", told(played));
    expect(played).toHaveLength(48);
    expect(meanRatio(played)).toBeLessThanOrEqual(1.05);
  });

  test("real workflows of tasks of 20 ms and more take at most 1.10 each", { timeout: 10 * MINUTES }, async () => {
    const played = await playAll(
      readCases("wf").filter((one) => medianTaskMs(one) >= 20),
      1,
    );
    console.log("wf, real time:", told(played));
    expect(played.length).toBeGreaterThan(20);
    expect(played.filter(({ ratio }) => ratio > 1.1)).toEqual([]);
  });
});
