import { afterAll, beforeAll, expect, test } from "vitest";
import { Folder } from "../cli/terminal.ts";
import { builtPackage } from "./built.ts";
import { playTerminations } from "./terminations.ts";

const folder = new Folder({
  "deaf.mjs": "export const deaf = () => new Promise((end) => setTimeout(end, 60_000));",
  "deaf.yaml": 'tutti: "1"\nid: deaf\nversion: "1"\nsteps:\n  deaf: { uses: "./deaf.mjs#deaf" }\n',
});
beforeAll(builtPackage, 120_000);
afterAll(() => folder[Symbol.dispose]());

test(
  "SIGTERM under load hands the work back, counts nothing, and ends the process in time",
  { timeout: 60_000 },
  async () => {
    const { violations, stopped, releases } = await playTerminations({ count: 8, seed: 47 });
    expect(violations).toEqual([]);
    expect(stopped).toBeGreaterThanOrEqual(8);
    expect(releases, "work was under way when the signals came").toBeGreaterThan(8);
  },
);

test("a second signal ends the process at once, whatever runs", async () => {
  const { child, done, said } = folder.start(["run", "deaf.yaml"]);
  await said("deaf running");
  child.kill("SIGTERM");
  await said("once more to quit at once");
  const second = performance.now();
  child.kill("SIGTERM");
  expect((await done).code).toBe(143);
  // Not the five seconds of grace, nor the ten after which it would be given up.
  expect(performance.now() - second).toBeLessThan(4_000);
});
