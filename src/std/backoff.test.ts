import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

const policy = { initialIntervalMs: 1_000, backoffCoefficient: 2, maximumIntervalMs: 60_000 };

describe("the wait before the next attempt", () => {
  test.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [6, 32_000],
    [7, 60_000],
    [5_000, 60_000],
  ])("after attempt %d is at most %d ms", (attempt, most) => {
    expect(backoffMs(policy, attempt, 0)).toBe(most);
  });

  test("is spread over all of it, never more, never negative, and the same for the same ratio", () => {
    const ratio = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), ratio, (attempt, at) => {
        const wait = backoffMs(policy, attempt, at);
        expect(wait).toBe(backoffMs(policy, attempt, at));
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(backoffMs(policy, attempt, 0));
      }),
    );
    expect(backoffMs(policy, 1, 0.5)).toBe(500);
    expect(backoffMs(policy, 1, 0.9999)).toBe(1);
  });

  test("of an interval of nothing is nothing, at any attempt", () => {
    expect(backoffMs({ ...policy, initialIntervalMs: 0 }, 1, 0.5)).toBe(0);
    expect(backoffMs({ ...policy, initialIntervalMs: 0 }, 5_000, 0.5)).toBe(0);
  });
});
