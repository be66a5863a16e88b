/** Code of users that would end the command's process: what it did is what the exit code says, and nothing else. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder, one } from "./terminal.ts";

const STEPS = `
export const exits = () => process.exit(0);
export const late = () => {
  setImmediate(() => process.exit(0));
  return new Promise(() => undefined);
};
export const code = () => {
  process.exitCode = 3;
  process.on("exit", () => (process.exitCode = 3));
  return 1;
};
`;
const folder = new Folder({ "steps.mjs": STEPS, "leaves.mjs": "export const f = () => 1;\nprocess.exit(0);\n" });
beforeAll(builtPackage, 120_000);
afterAll(() => folder[Symbol.dispose]());

test("a step that calls process.exit has failed", async () => {
  folder.write({ "exits.yaml": one("exits") });
  const { code, out } = await folder.tutti(["run", "exits.yaml", "--json"]);
  const { status, steps } = JSON.parse(out) as { status: string; steps: { work: { error: object } } };
  expect({ code, status }).toEqual({ code: 10, status: "failed" });
  expect(steps.work.error).toMatchObject({
    kind: "agent_error",
    message: "code of a step or module called process.exit(0)",
  });
});

test("a module that calls process.exit cannot be used", async () => {
  folder.write({ "leaves.yaml": one("leaves").replace("steps.mjs#leaves", "leaves.mjs#f") });
  const { code, out, err } = await folder.tutti(["run", "leaves.yaml"]);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toContain("leaves.mjs failed: Error: code of a step or module called process.exit(0) (line 2)");
});

test("where nobody can catch it the command fails, the run is kept, and the next one says so too", async () => {
  folder.write({ "late.yaml": one("late") });
  const { code, err } = await folder.tutti(["run", "late.yaml", "--run-id", "late"]);
  expect([code, err]).toEqual([1, expect.stringContaining("called process.exit(0)")]);
  const again = await folder.tutti(["recover"]);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("called process.exit(0)")]);
  await folder.tutti(["runs", "kill", "late"]);
});

test("a step that sets the process's exit code does not set ours", async () => {
  folder.write({ "code.yaml": one("code") });
  expect(await folder.tutti(["run", "code.yaml", "--json"])).toMatchObject({ code: 0 });
});
