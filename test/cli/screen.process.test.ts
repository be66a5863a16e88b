/** What a person at a terminal sees, through a real pseudo-terminal; and that nothing of it gets anywhere else. */
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder, STEPS, WAITING, type Going } from "./terminal.ts";

beforeAll(builtPackage, 120_000);

const hasScript = spawnSync("script", ["--version"]).status === 0;
const env = { TERM: "xterm", LANG: "C.UTF-8" };

/** One command in a pseudo-terminal; stdout and stderr come as one. */
function open(folder: Folder, command: string, more: Readonly<Record<string, string>> = {}): Going {
  return folder.spawn("script", ["-qec", command, "/dev/null"], { env: { ...env, ...more } });
}

/** An escape is written ␛ here. */
async function seen(going: Going): Promise<string> {
  return (await going.done).out.replaceAll("\r\n", "\n").replaceAll("\u001b", "␛");
}

describe.skipIf(!hasScript)("at a terminal", () => {
  test("a run is a block that is redrawn within its width, then the output and one line of conclusion", async () => {
    using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": WAITING });
    const going = open(folder, "stty cols 40; $TUTTI run flow.yaml --run-id r");
    await going.said("] 1/3 33% 00:00");
    folder.write({ go: "" });
    const text = await seen(going);
    expect(text).toMatch(/␛\[\d+A\r␛\[J/);
    for (const line of text.split(/\n|␛\[J/))
      expect(line.replace(/␛\[\d+[mA]\r?/g, "").length, line).toBeLessThanOrEqual(40);
    const [, end = ""] = text.split("printed by a step");
    expect(end).toContain("␛[32m✔ completed␛[39m  last");
    expect(end).toMatch(/\{\n {2}"last": /);
    expect(end.trimEnd().split("\n").at(-1)).toMatch(/^␛\[32m✔ completed␛\[39m {2}r {2}3 steps in /);
  });

  test("in CI, on a dumb terminal and with --no-progress there are lines; NO_COLOR takes the colour", async () => {
    using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": WAITING, go: "" });
    for (const [more, flags] of [
      [{ CI: "true" }, ""],
      [{ TERM: "dumb" }, ""],
      [{}, "--no-progress"],
    ] as const) {
      const text = await seen(open(folder, `$TUTTI run flow.yaml ${flags}`, more));
      expect(text).not.toMatch(/␛\[\d*[A-LN-Za-ln-z]/);
      expect(text).toMatch(/Z {2}first completed/);
    }
    expect(await seen(open(folder, "$TUTTI runs list", { NO_COLOR: "1" }))).not.toContain("␛");
    expect(await seen(open(folder, "$TUTTI runs list"))).toContain("␛[32m✔ completed␛[39m");
    expect(await seen(open(folder, "$TUTTI runs list --no-color"))).not.toContain("␛");
  });
});

test("through a pipe there is no colour and no cursor, but with FORCE_COLOR or --color always", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": WAITING, go: "" });
  const plain = await folder.tutti(["run", "flow.yaml"], { env });
  expect(plain.out + plain.err).not.toContain("\u001b");
  const forced = await folder.tutti(["runs", "list"], { env: { ...env, FORCE_COLOR: "1" } });
  const asked = await folder.tutti(["runs", "list", "--color", "always"], { env });
  expect([forced.out, asked.out]).toEqual([forced.out, forced.out]);
  expect(forced.out).toContain("\u001b[32m");
});
