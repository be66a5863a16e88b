import { expect, test } from "vitest";
import { TuttiError } from "../errors.ts";
import { openMemory } from "../store/memory/open.ts";
import { MemoryRows } from "../store/memory/rows.ts";
import { systemClock } from "../std/clock.ts";
import { definitionOf, openEngine, partsOf, startOf } from "../testing/engine.ts";
import type { Command } from "../run/commands.ts";
import { Engine } from "./engine.ts";

const clock = systemClock;
const waits = definitionOf({ a: { kind: "task", agent: { id: "nobody" } } });

/** Two runs that wait for an agent nobody has, in a store that nobody owns any more. */
async function left(): Promise<{ rows: MemoryRows; command: (runId: string, command: Command) => Promise<void> }> {
  const rows = new MemoryRows();
  const engine = await openEngine({ clock, store: openMemory(rows) });
  for (const id of ["one", "other"]) await engine.start(startOf(id, waits));
  await engine[Symbol.asyncDispose]();
  return { rows, command: (id, command) => Engine.command(partsOf({ clock, store: openMemory(rows) }), id, command) };
}

const typesOf = async (rows: MemoryRows, runId: string): Promise<string[]> =>
  (await openMemory(rows).events(runId, 0, 100)).map(({ type }) => type);

test("a pause and a resume are durable, begin nothing, and touch no other run", async () => {
  const { rows, command } = await left();
  const before = await typesOf(rows, "one");
  const other = await typesOf(rows, "other");
  await command("one", { type: "pause" });
  expect((await openMemory(rows).run("one"))?.paused).toBe(true);
  await command("one", { type: "resume" });
  expect(await typesOf(rows, "one")).toEqual([...before, "run.paused", "run.resumed"]);
  expect(await typesOf(rows, "other")).toEqual(other);
});

test.each(["cancel", "kill"] as const)("a %s drives the run to its end and begins nothing", async (type) => {
  const { rows, command } = await left();
  await command("one", { type, reason: "enough" });
  expect(await openMemory(rows).run("one")).toMatchObject({ end: "cancelled", stopping: { reason: "enough" } });
  expect(await typesOf(rows, "one")).not.toContain("step.started");
  expect((await openMemory(rows).run("other"))?.end).toBeUndefined();
});

test("what cannot be is refused as by an engine", async () => {
  const { command } = await left();
  const code = (thrown: unknown): unknown => (thrown instanceof TuttiError ? thrown.code : thrown);
  expect(await command("none", { type: "pause" }).catch(code)).toBe("RUN_UNKNOWN");
  await command("one", { type: "cancel" });
  await command("one", { type: "cancel" });
  expect(await command("one", { type: "pause" }).catch(code)).toBe("RUN_ENDED");
});

test("a run that is started again is the same one whatever the order of its input's keys", async () => {
  await using engine = await openEngine({ clock });
  await engine.start({ ...startOf("r", waits), input: { json: '{"a":1,"b":{"c":2,"d":3}}' } });
  await engine.start({ ...startOf("r", waits), input: { json: '{"b":{"d":3,"c":2},"a":1}' } });
  const other = engine.start({ ...startOf("r", waits), input: { json: '{"a":1,"b":{"c":2,"d":4}}' } });
  await expect(other).rejects.toMatchObject({ code: "RUN_EXISTS", data: { differs: "another input" } });
});
