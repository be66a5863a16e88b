import { afterAll, beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder } from "./terminal.ts";

const folder = new Folder({
  "steps.mjs": `import { appendFileSync } from "node:fs";
    export const once = () => (appendFileSync("calls.txt", "once\\n"), 1);`,
  "one.yaml": 'tutti: "1"\nid: one\nversion: "1"\nsteps:\n  a: { uses: "./steps.mjs#once" }\n',
  "wait.yaml": 'tutti: "1"\nid: wait\nversion: "1"\nsteps:\n  a: { agent: nobody }\n',
});
beforeAll(builtPackage, 120_000);
afterAll(() => folder[Symbol.dispose]());

/** Without the last line, which says when it was asked. */
const eventsOf = async (id: string): Promise<readonly string[]> => {
  const { out } = await folder.tutti(["runs", "events", id, "--output", "ndjson"]);
  return out.split("\n").filter((line) => !line.includes('"type":"result"'));
};

test("a run that has ended is told again with its exit code, and nothing is executed for that, nor of other runs", async () => {
  const first = await folder.tutti(["run", "one.yaml", "--run-id", "x", "--json"]);
  expect(first.code).toBe(0);
  // Another run that is open: it must not be taken up by a question.
  const other = folder.start(["run", "wait.yaml", "--run-id", "open"]);
  await other.said("open running");
  other.child.kill("SIGKILL");
  await other.done;
  const before = await eventsOf("open");
  const again = await folder.tutti(["run", "one.yaml", "--run-id", "x", "--json"]);
  expect(again).toMatchObject({ code: 0, out: first.out });
  expect(await eventsOf("open")).toEqual(before);
  expect(folder.read("calls.txt")).toBe("once\n");
  expect((await folder.tutti(["runs", "cancel", "open"])).code).toBe(0);
  expect((await folder.tutti(["run", "wait.yaml", "--run-id", "open"])).code).toBe(11);
});

test("an id that belongs to another definition or input is a conflict, whether that run is open or has ended", async () => {
  const definition = await folder.tutti(["run", "wait.yaml", "--run-id", "x"]);
  const input = await folder.tutti(["run", "one.yaml", "--run-id", "x", "--input", "a=1"]);
  expect([definition.code, input.code]).toEqual([6, 6]);
  expect(definition.err).toContain("exists with another definition");
  expect(input.err).toContain("exists with another input");
});
