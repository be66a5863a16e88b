/** `kill -9` at random instants and at points of the engine's own. The long form is test/long/kill.test.ts. */
import { expect, test } from "vitest";
import { verifies } from "../verifies.ts";
import { builtPackage } from "./built.ts";
import { playLanes } from "./lanes.ts";

test(
  "100 kills of engines at work lose, repeat and change nothing",
  { ...verifies("000-F100", "001-F123", "004-F047", "004-F070"), timeout: 300_000 },
  async () => {
    await builtPackage();
    const { tally, violations } = await playLanes({ seed: 1, kills: 100 });
    expect(violations).toEqual([]);
    // Silence is no success: that much was there to be lost.
    expect(tally.kills).toBeGreaterThanOrEqual(100);
    expect(tally.hits).toBeGreaterThanOrEqual(70);
    expect(Object.keys(tally.points).length).toBeGreaterThanOrEqual(3);
    expect(tally.acknowledged).toBeGreaterThanOrEqual(500);
    expect(tally.again).toBeGreaterThanOrEqual(50);
    expect(tally.programs).toBeGreaterThanOrEqual(20);
  },
);
