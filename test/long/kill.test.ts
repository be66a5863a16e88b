import { expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { playLanes } from "../faults/lanes.ts";

const KILLS = 2_000;

test(`${KILLS} kills lose, repeat and change nothing`, async () => {
  await builtPackage();
  const seed = 1_000 + (Date.now() % 1_000_000);
  const started = performance.now();
  const { tally, violations } = await playLanes({ seed, kills: KILLS, lanes: 3 });
  const minutes = (performance.now() - started) / 60_000;
  console.log(`seed ${seed}, ${minutes.toFixed(1)} min, ${(tally.kills / minutes).toFixed(0)} kills a minute`, tally);
  expect(violations).toEqual([]);
  expect(tally.kills).toBeGreaterThanOrEqual(KILLS);
  expect(tally.hits).toBeGreaterThanOrEqual(KILLS * 0.7);
});
