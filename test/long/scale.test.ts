import { expect, test } from "vitest";
import { measureChains, measureRecovery } from "../scale/measures.ts";

test("a step costs the same in chains of 1,000, 10,000 and 100,000, every commit synced to the disk", async () => {
  const chains = await measureChains({ disk: true });
  const medians = chains.map(({ medianUs }) => medianUs);
  console.log("chains on the disk:", chains);
  expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.5);
});

test("a run of 100,000 events goes on within 5 s of opening the store", async () => {
  const recovery = await measureRecovery(1, 50_000);
  console.log("recovery of one run of 100,000 events:", recovery);
  expect(recovery.goingMs).toBeLessThan(5_000);
});

test("10,000 open runs of 100 events each go on within 20 s of opening the store", async () => {
  const recovery = await measureRecovery(10_000, 50);
  console.log("recovery of 10,000 runs:", recovery);
  expect(recovery.goingMs).toBeLessThan(20_000);
});
