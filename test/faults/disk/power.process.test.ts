/** T04: the power goes at any instant. The long form is test/long/disk.test.ts. */
import { expect, test } from "vitest";
import { POWER_CASES } from "./cases.ts";
import { explore } from "./explore.ts";
import { record } from "./recording.ts";

const timeout = 60_000;

test.each(POWER_CASES)("$title: nothing promised is lost in $states states", { timeout }, async (one) => {
  const found = await explore(await record(one), one.states, 1);
  expect(found.wrong).toEqual([]);
  // Silence is no success: so often there was something to lose, and something promised.
  expect(found.atRisk).toBeGreaterThan(one.states / 4);
  expect(found.promised).toBeGreaterThan(one.states / 2);
});

test("the same explorer finds what is lost without a sync for each commit", { timeout }, async () => {
  const normal = await record({ title: "NORMAL", db: "store.db", parts: [{ kind: "normal", first: 0, last: 6 }] });
  const found = await explore(normal, 200, 1);
  expect(found.wrong.length).toBeGreaterThan(found.promised / 2);
  for (const line of found.wrong) expect(line).toMatch(/lost: |acknowledged lie behind/);
});

test("the same explorer finds what is lost when folders are not synced", { timeout }, async () => {
  const part = { kind: "product", first: 0, last: 2 } as const;
  const recording = await record({ title: "no folders", db: "new/deep/store.db", parts: [part] });
  const folders = new Set(recording.steps.flatMap((step) => (step.call === "mkdir" ? step.path : [])));
  const steps = recording.steps.filter((step) => step.call !== "sync" || !folders.has(step.path));
  const found = await explore({ ...recording, steps }, 100, 1);
  expect(found.wrong.length).toBeGreaterThan(found.promised / 4);
});
