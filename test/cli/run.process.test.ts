/** `tutti run` as scripts rely on it: the document, the exit codes, and what may not spoil either. */
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder, one, ROOT, STEPS, WAITING } from "./terminal.ts";

beforeAll(builtPackage, 120_000);

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const time: unknown = expect.stringMatching(ISO);

const parsed = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

test("a completed run prints its output alone; --json the whole document; asked again it is printed, not run", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": WAITING, go: "" });
  const plain = await folder.tutti(["run", "flow.yaml"]);
  expect([plain.code, JSON.parse(plain.out)]).toEqual([0, { last: { got: { wait: "gone" } } }]);
  expect(plain.out).toBe(`${JSON.stringify(JSON.parse(plain.out), null, 2)}\n`);
  expect(plain.err).toContain("printed by a step");
  expect(plain.err).toMatch(/\dZ {2}first completed/);
  expect(plain.err + plain.out).not.toContain("\u001b");

  const named = await folder.tutti(["run", "flow.yaml", "--run-id", "mine", "--json"]);
  expect(named.code).toBe(0);
  const step = { status: "completed", attempts: 1, readyAt: time, startedAt: time, endedAt: time };
  expect(parsed(named.out)).toEqual({
    id: "mine",
    workflow: { id: "waiting", version: "1", hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown },
    status: "completed",
    output: { last: { got: { wait: "gone" } } },
    startedAt: time,
    endedAt: time,
    steps: {
      first: { ...step, output: { hello: "wörld" } },
      wait: { ...step, output: "gone" },
      last: { ...step, output: { got: { wait: "gone" } } },
    },
  });
  const before = folder.read("witness");
  const again = await folder.tutti(["run", "flow.yaml", "--run-id", "mine", "--json"]);
  expect([again.code, again.out]).toEqual([0, named.out]);
  expect(folder.read("witness")).toBe(before);

  const other = await folder.tutti(["run", "flow.yaml", "--run-id", "mine", "--input", "a=1", "--json"]);
  expect([other.code, other.out]).toEqual([6, ""]);
  expect(parsed(other.err)).toMatchObject({ type: "urn:tutti:error:run-exists", code: "RUN_EXISTS", exitCode: 6 });
});

test("every end has its exit code, and the document tells why; an error has no stack", async () => {
  using folder = new Folder({
    "steps.mjs": STEPS,
    "fails.yaml": one("fail"),
    "partial.yaml": one("fail", "onFailure: partial"),
    "waits.yaml": one("wait"),
  });
  const fails = await folder.tutti(["run", "fails.yaml", "--json"]);
  expect(fails.code).toBe(10);
  const failure = { kind: "agent_error", message: "it broke" };
  expect(parsed(fails.out)).toMatchObject({
    status: "failed",
    output: null,
    error: { ...failure, path: "work" },
    steps: { work: { status: "failed", error: failure } },
  });
  expect(fails.out + fails.err).not.toMatch(/\bat .*steps\.mjs|"stack"/);

  const partial = await folder.tutti(["run", "partial.yaml", "--json"]);
  expect([partial.code, parsed(partial.out)]).toEqual([
    0,
    expect.objectContaining({ status: "completed", partial: true }),
  ]);

  const cancelled = folder.start(["run", "waits.yaml", "--run-id", "c", "--json"]);
  await cancelled.said("work running");
  expect(await folder.tutti(["runs", "cancel", "c", "--reason", "not needed"])).toMatchObject({ code: 0 });
  const { code, out } = await cancelled.done;
  expect([code, parsed(out)]).toEqual([
    11,
    expect.objectContaining({ status: "cancelled", reason: "not needed", output: null }),
  ]);

  const left = folder.start(["run", "waits.yaml", "--run-id", "s"]);
  await left.said("work running");
  left.child.kill("SIGINT");
  expect((await left.done).code).toBe(130);
  expect(await folder.tutti(["runs", "pause", "s"])).toMatchObject({ code: 0 });
  const paused = await folder.tutti(["run", "waits.yaml", "--run-id", "s", "--json"]);
  expect([paused.code, parsed(paused.out)]).toEqual([12, expect.objectContaining({ status: "paused", endedAt: null })]);

  renameSync(join(folder.path, "steps.mjs"), join(folder.path, "gone.mjs"));
  expect(await folder.tutti(["runs", "resume", "s"])).toMatchObject({ code: 0 });
  const recovered = await folder.tutti(["recover"]);
  expect([recovered.code, parsed(recovered.out)]).toEqual([13, { runs: [{ id: "s", status: "stranded" }] }]);
  const stranded = await folder.tutti(["runs", "get", "s", "--json"]);
  expect(parsed(stranded.out)).toMatchObject({ reason: expect.stringContaining("steps.mjs") as unknown });
});

test("a large document reaches a pipe whole, and a reader that leaves is no error", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": one("large") });
  const whole = await folder.spawn("sh", ["-c", "$TUTTI run flow.yaml --json -q | wc -c"]).done;
  expect(Number(whole.out)).toBeGreaterThan(12_000_000);
  const cut = await folder.spawn("bash", ["-c", "$TUTTI run flow.yaml -q | head -c 10; echo $PIPESTATUS"]).done;
  expect([cut.out.length, cut.out.endsWith("0\n"), cut.err]).toEqual([12, true, ""]);
});

test("an error nobody catches ends the process with one message; the run is kept", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": one("floating") });
  const done = await folder.tutti(["run", "flow.yaml", "--run-id", "f", "-q"]);
  expect([done.code, done.out]).toEqual([1, ""]);
  expect(done.err).toContain("nobody waits for me");
  expect(done.err).not.toMatch(/\n\s+at /);
  const kept = await folder.tutti(["runs", "get", "f", "--json"]);
  expect(parsed(kept.out)).toMatchObject({ status: "running" });
});

test("--input from arguments, a file and stdin; --tag and --priority are kept", async () => {
  using folder = new Folder({
    "steps.mjs": "export const work = (input) => input;",
    "flow.yaml": `${one("work")}    # the run's input is the step's`,
    "in.json": '{"a":{"b":1}}',
  });
  const given = ["--input", "@in.json", "--input", "a.c=2", "--input", "-"];
  const done = await folder.tutti(
    ["run", "flow.yaml", ...given, "--tag", "x", "--tag", "y", "--priority", "urgent", "--run-id", "i"],
    { stdin: '{"d":3}' },
  );
  expect([done.code, JSON.parse(done.out)]).toMatchObject([0, { work: { input: { a: { b: 1, c: 2 }, d: 3 } } }]);
  const listed = await folder.tutti(["runs", "list", "--tag", "y", "--json"]);
  expect(parsed(listed.out)).toMatchObject({ items: [{ id: "i", tags: ["x", "y"], priority: "critical" }] });
});

test("what a step's module imports from the package is what the command runs with", async () => {
  using folder = new Folder({
    "steps.mjs": `import { TaskError } from "tutti";
export const work = () => { throw new TaskError("validation_error", "not that", { code: "MINE" }); };`,
    "flow.yaml": one("work").replace("maximumAttempts: 1", "maximumAttempts: 3"),
  });
  mkdirSync(join(folder.path, "node_modules"));
  symlinkSync(ROOT, join(folder.path, "node_modules/tutti"));
  const { code, out } = await folder.tutti(["run", "flow.yaml", "--json"]);
  expect([code, parsed(out)]).toMatchObject([
    10,
    { error: { kind: "validation_error", code: "MINE", path: "work" }, steps: { work: { attempts: 1 } } },
  ]);
});
