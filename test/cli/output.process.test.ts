/** Output that does not arrive, and where the command stands on the disk: as a shell would call it. */
import { cpSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder, MAIN, one, ROOT } from "./terminal.ts";

const folder = new Folder({
  "steps.mjs": 'export const long = () => "x".repeat(100_000);\n',
  "long.yaml": one("long"),
});
beforeAll(builtPackage, 120_000);
afterAll(() => folder[Symbol.dispose]());

const shell = (line: string) => folder.spawn("bash", ["-c", line]).done;

test.skipIf(!existsSync("/dev/full"))("output that cannot be written is told, and exit code 1", async () => {
  const { code, err } = await shell("$TUTTI run long.yaml --run-id long --json > /dev/full");
  expect([code, err]).toEqual([1, expect.stringMatching(/^tutti: stdout cannot be written: ENOSPC$/m)]);
});

test("a file that takes only a part of the output is exit code 1 too", async () => {
  await folder.tutti(["run", "long.yaml", "--run-id", "long"]);
  const { code, err } = await shell("trap '' XFSZ; ulimit -f 64; $TUTTI runs get long --json > part");
  expect(statSync(join(folder.path, "part")).size).toBe(65_536);
  expect([code, err]).toEqual([1, "tutti: stdout cannot be written: EFBIG\n"]);
});

test("a reader that leaves is no failure", async () => {
  await folder.tutti(["run", "long.yaml", "--run-id", "long"]);
  const { code, err } = await shell("set -o pipefail; $TUTTI runs get long --json | head -c 1");
  expect([code, err]).toEqual([0, ""]);
});

test("the version is told wherever it is installed", async () => {
  const away = join(folder.path, "of é and space");
  cpSync(join(ROOT, "package.json"), join(away, "package.json"));
  cpSync(join(MAIN, ".."), join(away, "dist/cli"), { recursive: true });
  const { out } = await folder.spawn(process.execPath, [join(away, "dist/cli/main.js"), "--version"]).done;
  expect(out).toMatch(/^\d+\.\d+\.\d+/);
});
