import { expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { playTerminations } from "../faults/terminations.ts";

test("500 times SIGTERM under load", async () => {
  await builtPackage();
  const seed = Date.now() % 1_000_000;
  const { violations, stopped, runs, releases } = await playTerminations({ count: 500, seed });
  console.log(`seed ${seed}: ${stopped} stopped, ${runs} runs, ${releases} attempts handed back`);
  expect(violations).toEqual([]);
});
