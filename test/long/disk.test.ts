/** T04 and T05 at length: 200,000 power cuts, every byte of the payloads. */
import { expect, test } from "vitest";
import { killedAlone, POWER_CASES, SYNCS_ALONE } from "../faults/disk/cases.ts";
import { explore } from "../faults/disk/explore.ts";
import { record } from "../faults/disk/recording.ts";

const TIMES = 100;
const SEED = 1 + (Date.now() % 1_000_000);

const long = POWER_CASES.map((one) => ({ ...one, states: one.states * TIMES }));
const kills = Array.from({ length: SYNCS_ALONE }, (_, index) => killedAlone(index + 1, 1_000));
/** So much that the product itself writes its log home and begins it anew. */
const large = {
  title: "a log that has grown",
  db: "store.db",
  parts: [{ kind: "product", first: 0, last: 120 }],
  states: 1_000,
} as const;

test.each([...long, ...kills, large])("$title: nothing promised is lost in $states states", async (one) => {
  const started = performance.now();
  const found = await explore(await record(one), one.states, SEED);
  const perSecond = (one.states / (performance.now() - started)) * 1_000;
  console.log(`seed ${SEED}, ${perSecond.toFixed(0)} states a second`, { ...found, wrong: found.wrong.length });
  expect(found.wrong).toEqual([]);
  expect(found.atRisk).toBeGreaterThan(one.states / 4);
});
