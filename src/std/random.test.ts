import { describe, expect, test } from "vitest";
import { hash32, seeded } from "./random.ts";

describe("a seeded generator", () => {
  test("gives the same numbers for the same seed, others for another", () => {
    const take = (seed: number) => {
      const next = seeded(seed);
      return Array.from({ length: 50 }, () => next());
    };
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
    expect(take(0)).not.toEqual(take(1));
  });

  test("fills [0, 1) evenly", () => {
    const next = seeded(42);
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) {
      const value = next();
      expect(value >= 0 && value < 1).toBe(true);
      buckets[Math.floor(value * 10)]!++;
    }
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test("is pinned: a simulation of last year still replays", () => {
    const next = seeded(1);
    expect([next(), next(), next()]).toMatchInlineSnapshot(`
      [
        0.9652367448434234,
        0.5800582126248628,
        0.24567303550429642,
      ]
    `);
  });
});

describe("hash32", () => {
  test("is an unsigned 32-bit number, pinned because jitter in journals was made of it", () => {
    expect([hash32(""), hash32("run_1/fetch/1"), hash32("é😀")]).toMatchInlineSnapshot(`
      [
        2872998923,
        526465593,
        4159213040,
      ]
    `);
  });

  test("spreads texts that differ by one character", () => {
    const buckets = Array.from({ length: 16 }, () => 0);
    for (let i = 0; i < 16_000; i++) buckets[hash32(`run_1/step/${i}`) >>> 28]!++;
    for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });
});
