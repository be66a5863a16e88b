/** What a step, an open run and a recovery cost, and that it does not depend on how much there is. */
import { describe, expect, test } from "vitest";
import { verifies } from "../verifies.ts";
import { measureChains, measureFan, measureHeap, measureRecovery } from "./measures.ts";

const MINUTES = 60_000;

describe("scale", () => {
  // Once more when something else came in between.
  test("a step costs the same in chains of 1,000, 10,000 and 100,000", { timeout: 5 * MINUTES, retry: 1 }, async () => {
    const chains = await measureChains({ disk: false });
    const medians = chains.map(({ medianUs }) => medianUs);
    console.log("chains:", chains);
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.5);
    expect(chains.map(({ steps }) => steps)).toEqual([1_000, 10_000, 100_000]);
    expect(Math.max(...chains.map(({ validatedMs }) => validatedMs))).toBeLessThan(5_000);
  });

  test("a fan of 100,000 steps is validated in under 5 s and runs to its end", { timeout: 5 * MINUTES }, async () => {
    const fan = await measureFan();
    console.log("fan:", fan);
    expect(fan.steps).toBe(100_000);
    expect(fan.validatedMs).toBeLessThan(5_000);
  });

  test("an open run that waits holds less than 10 KB of heap", { timeout: MINUTES }, async () => {
    const heap = await measureHeap();
    console.log("open runs:", heap);
    expect(heap.waiting).toBe(10_000);
    expect(heap.bytesPerRun).toBeGreaterThan(100);
    expect(heap.bytesPerRun).toBeLessThan(10_000);
  });

  test(
    "1,000 open runs of 100 events each go on within 2 s of opening the store",
    { ...verifies("001-F132", "004-F047"), timeout: 2 * MINUTES },
    async () => {
      const recovery = await measureRecovery(1_000, 50);
      console.log("recovery:", recovery);
      expect(recovery.goingMs).toBeLessThan(2_000);
    },
  );
});
