import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtPackage } from "./built.ts";
import { COMMAND, playTerminations } from "./terminations.ts";

const folder = mkdtempSync(join(tmpdir(), "tutti-deaf-"));
beforeAll(builtPackage, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
  const deaf =
    'import { writeFileSync } from "node:fs";\nexport const deaf = () => { writeFileSync("begun", ""); return new Promise((end) => setTimeout(end, 60_000)); };';
  writeFileSync(join(folder, "deaf.mjs"), deaf);
  const steps = { deaf: { uses: "./deaf.mjs#deaf" } };
  writeFileSync(join(folder, "deaf.json"), JSON.stringify({ tutti: "1", id: "deaf", version: "1", steps }));
  const begun = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => existsSync(join(folder, "begun")) && (watcher.close(), resolve()));
  });
  const child = spawn(process.execPath, [COMMAND, "run", "deaf.json"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exit = once(child, "exit") as Promise<[number | null]>;
  await begun;
  child.kill("SIGTERM");
  const first = performance.now();
  // Said when the first is heard; five seconds of grace begin.
  await once(child.stderr, "data");
  child.kill("SIGTERM");
  expect(await exit).toEqual([143, null]);
  expect(performance.now() - first).toBeLessThan(4_000);
});
