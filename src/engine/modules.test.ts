import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Run } from "../run/state.ts";
import { openMemory } from "../store/memory/open.ts";
import { MemoryRows } from "../store/memory/rows.ts";
import { systemClock } from "../std/clock.ts";
import { definitionOf, openEngine, startOf } from "../testing/engine.ts";
import type { AgentDeclaration, WorkflowDefinition } from "../workflow/definition.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tutti-modules-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const uses = (name: string) => ({ kind: "task" as const, run: { uses: name } });
const started = (id: string, definition: WorkflowDefinition, at = folder) =>
  startOf(id, definition, { source: { folder: at, modules: {} } });
const output = (run: Run): unknown => JSON.parse(run.output && "json" in run.output ? run.output.json : "null");

test("a step runs the function its `uses` names, and the run keeps the file and its hash", async () => {
  write("steps.mjs", "export const twice = ({ input }) => input * 2;");
  const definition = definitionOf({ a: uses("./steps.mjs#twice") });
  await using engine = await openEngine({ clock: systemClock });
  await engine.start({ ...started("r", definition), input: { json: "21" } });
  const run = await engine.whenEnded("r");
  expect(output(run)).toEqual({ a: 42 });
  expect(run.options.source).toEqual({
    folder,
    modules: { "./steps.mjs": { file: join(folder, "steps.mjs"), hash: expect.stringMatching(/^[0-9a-f]{64}$/) } },
  });
});

test("a TypeScript module is loaded too", async () => {
  write("steps.ts", "export const one = (_: unknown): number => 1 as number;");
  await using engine = await openEngine({ clock: systemClock });
  await engine.start(started("r", definitionOf({ a: uses("./steps.ts#one") })));
  expect(output(await engine.whenEnded("r"))).toEqual({ a: 1 });
});

test.each([
  ["there is no such file", undefined, "there is no file"],
  ["it does not export the name", "export const other = () => 1;", "does not export f .it exports other"],
  ["the export is no function", "export const f = 1;", "is not a function"],
  ["it throws at load", "throw new Error('no luck');", "failed: Error: no luck"],
  ["it is not JavaScript", "export const f = (", "failed: "],
])("a start is refused when %s, with every reason, and nothing is kept", async (_, text, expected) => {
  if (text !== undefined) write("m.mjs", text);
  await using engine = await openEngine({ clock: systemClock });
  const definition = definitionOf({ a: uses("./m.mjs#f"), b: uses("./none.mjs#g") });
  await expect(engine.start(started("r", definition))).rejects.toMatchObject({
    code: "MODULE_UNUSABLE",
    message: expect.stringMatching(new RegExp(`m.mjs#f: [^]*${expected}[^]*none.mjs#g: there is no`)),
  });
  expect(await engine.get("r")).toBeUndefined();
});

test("a run whose module is gone is stranded with the reason; when it is back the run goes on", async () => {
  const rows = new MemoryRows();
  write("m.mjs", "export const f = () => 1;");
  const definition = definitionOf({ a: uses("./m.mjs#f"), b: { ...uses("./m.mjs#f"), needs: { a: "a" } } });
  const first = await openEngine({ clock: systemClock, store: openMemory(rows) });
  await first.start(started("r", definition));
  await first.post("r", { type: "pause" });
  await first[Symbol.asyncDispose]();
  rmSync(join(folder, "m.mjs"));

  const second = await openEngine({ clock: systemClock, store: openMemory(rows) });
  const { run } = (await second.get("r")) ?? {};
  expect(run?.stranded).toEqual([`./m.mjs#f: there is no file ${join(folder, "m.mjs")} that can be read`]);
  await second[Symbol.asyncDispose]();

  write("m.mjs", "export const f = () => 2;");
  await using third = await openEngine({ clock: systemClock, store: openMemory(rows) });
  await third.post("r", { type: "resume" });
  await third.whenEnded("r");
  const types = (await openMemory(rows).events("r", 0, 100)).map(({ type }) => type);
  expect(types).toEqual(
    expect.arrayContaining(["run.stranded", "run.unstranded", "run.code_changed", "run.completed"]),
  );
});

test("a module that changed is used as it is now by the next run, and noted by the one that is open", async () => {
  write("m.mjs", "export const f = () => 1;");
  const definition = definitionOf({ a: uses("./m.mjs#f") });
  await using engine = await openEngine({ clock: systemClock, agents: [] });
  const waiting = definitionOf({ a: uses("./m.mjs#f"), b: { kind: "task", agent: { id: "nobody" } } }, { id: "waits" });
  await engine.start(started("open", waiting));
  write("m.mjs", "export const f = () => 2;");
  await engine.start(started("next", definition));
  expect(output(await engine.whenEnded("next"))).toEqual({ a: 2 });
  const changed = (await engine.get("open"))?.run.options.source?.modules["./m.mjs"]?.hash;
  expect(changed).toBe((await engine.get("next"))?.run.options.source?.modules["./m.mjs"]?.hash);
  await engine.post("open", { type: "kill" });
});

const counter = (rest: Partial<AgentDeclaration>): AgentDeclaration => ({
  id: "counter",
  capabilities: ["count"],
  version: "1.0.0",
  ...rest,
});

test("an agent of a document works for its runs alone, and goes before another of the same id", async () => {
  write("m.mjs", "export const own = () => 'own';");
  const step = { kind: "task" as const, agent: { id: "counter" } };
  const mine = definitionOf({ a: step }, { id: "mine", agents: [counter({ uses: "./m.mjs#own" })] });
  const theirs = definitionOf({ a: step }, { id: "theirs" });
  const { agent } = await import("../agent/define.ts");
  const everybodys = agent({ id: "counter", capabilities: ["count"], run: () => "everybody's" });
  await using engine = await openEngine({ clock: systemClock, agents: [everybodys] });
  await engine.start(started("mine", mine));
  await engine.start(started("theirs", theirs));
  expect(output(await engine.whenEnded("mine"))).toEqual({ a: "own" });
  expect(output(await engine.whenEnded("theirs"))).toEqual({ a: "everybody's" });
});

test("a capability is looked for among a document's agents and everybody's", async () => {
  write("m.mjs", "export const own = () => 'own';");
  const one = { kind: "task" as const, agent: { capabilities: ["count"], version: "^1" } };
  const two = { kind: "task" as const, agent: { capabilities: ["count"], version: "^2" } };
  const definition = definitionOf({ one, two }, { agents: [counter({ uses: "./m.mjs#own" })] });
  const { agent } = await import("../agent/define.ts");
  const other = agent({ id: "other", capabilities: ["count"], version: "2.1.0", run: () => "other" });
  await using engine = await openEngine({ clock: systemClock, agents: [other] });
  await engine.start(started("r", definition));
  expect(output(await engine.whenEnded("r"))).toEqual({ one: "own", two: "other" });
});

test("the same agent in two documents of one folder is one agent, with one limit", async () => {
  write(
    "m.mjs",
    `let now = 0; let most = 0;
     export const slow = async () => { most = Math.max(most, ++now); await new Promise((r) => setTimeout(r, 5)); now--; return most; };`,
  );
  const agents = [counter({ uses: "./m.mjs#slow", maxConcurrency: 1 })];
  const step = { kind: "task" as const, agent: { id: "counter" } };
  await using engine = await openEngine({ clock: systemClock });
  for (const id of ["x", "y"]) await engine.start(started(id, definitionOf({ a: step, b: step }, { id, agents })));
  const outputs = await Promise.all(["x", "y"].map(async (id) => output(await engine.whenEnded(id))));
  expect(outputs).toEqual([
    { a: 1, b: 1 },
    { a: 1, b: 1 },
  ]);
});

test("a stranded run whose document has moved goes on when it is asked for from where it is now", async () => {
  const rows = new MemoryRows();
  const elsewhere = mkdtempSync(join(tmpdir(), "tutti-modules-"));
  write("m.mjs", "export const f = () => 1;");
  const definition = definitionOf(
    { a: uses("./m.mjs#f"), b: { kind: "task", agent: { id: "own" }, needs: { a: "a" } } },
    {
      agents: [counter({ id: "own", uses: "./m.mjs#f" })],
    },
  );
  const first = await openEngine({ clock: systemClock, store: openMemory(rows) });
  await first.start(started("r", definition));
  await first.post("r", { type: "pause" });
  await first[Symbol.asyncDispose]();
  renameSync(join(folder, "m.mjs"), join(elsewhere, "m.mjs"));

  await using second = await openEngine({ clock: systemClock, store: openMemory(rows) });
  expect((await second.get("r"))?.run.stranded).toHaveLength(1);
  await second.start(started("r", definition, elsewhere));
  expect((await second.get("r"))?.run.stranded).toBeUndefined();
  await second.post("r", { type: "resume" });
  const ended = await second.whenEnded("r");
  expect([ended.end, ended.options.source?.folder]).toEqual(["completed", elsewhere]);
  rmSync(elsewhere, { recursive: true });
});

test("a stranded run whose module has come back goes on, once, when it is asked for again", async () => {
  const rows = new MemoryRows();
  write("m.mjs", "export const f = () => 1;");
  const definition = definitionOf({ a: uses("./m.mjs#f"), b: { kind: "task", agent: { id: "late" } } });
  const first = await openEngine({ clock: systemClock, store: openMemory(rows) });
  await first.start(started("r", definition));
  await first[Symbol.asyncDispose]();
  rmSync(join(folder, "m.mjs"));
  await using second = await openEngine({ clock: systemClock, store: openMemory(rows) });
  write("m.mjs", "export const f = () => 2;");
  await second.start(started("r", definition));
  expect((await second.get("r"))?.run.stranded).toBeUndefined();
  const types = (await openMemory(rows).events("r", 0, 100)).map(({ type }) => type);
  expect(types.filter((type) => type === "run.unstranded")).toHaveLength(1);
  await second.post("r", { type: "kill" });
});
