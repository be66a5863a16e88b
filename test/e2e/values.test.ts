/** What steps are given and what becomes of what they answer, through the public door. */
import { expect, test } from "vitest";
import { z } from "zod";
import { agent } from "../../src/agent/define.ts";
import type { OrchestratorOptions } from "../../src/options.ts";
import { createOrchestrator } from "../../src/orchestrator.ts";
import { simulatedClock } from "../../src/testing/clock.ts";
import { workflow } from "../../src/workflow/define.ts";
import type { WorkflowDefinition } from "../../src/workflow/definition.ts";

const open = (options: OrchestratorOptions = {}) =>
  createOrchestrator({ store: ":memory:", ...options, retry: { maximumAttempts: 1, ...options.retry } });
const echo = agent({ id: "echo", capabilities: ["echo"], run: (input: unknown) => input });

test("a result must fit the step's schema, and is what the schema makes of it", async () => {
  await using tutti = await open();
  const flow = workflow({ id: "checked", version: "1" }, (w) => {
    const good = w.task("good", { run: () => ({ n: "7" }), output: z.object({ n: z.coerce.number() }) });
    const late = w.task("late", { run: () => "a", output: z.string().refine((text) => Promise.resolve(text === "a")) });
    const bad = w.task("bad", {
      run: () => ({ list: [1, "x"] }) as { list: number[] },
      output: z.object({ list: z.array(z.number()) }),
    });
    const told = w.task("told", { needs: { bad }, join: "settled", run: ({ needs }) => needs.bad });
    return { good, late, told };
  });
  const run = await tutti.runs.start(flow);
  const { good, late, told } = await run.result();
  expect([good, late]).toEqual([{ n: 7 }, "a"]);
  expect(told).toMatchObject({ status: "failed", error: { kind: "validation_error" } });
  expect((await run.get()).steps["bad"]?.error?.message).toMatch(
    /the result does not fit its schema:\n {2}\$\.list\[1\]:/,
  );
});

test("values over 64 KB travel by reference and arrive whole", async () => {
  await using tutti = await open();
  const big = "x".repeat(200_000);
  const flow = workflow({ id: "big", version: "1", input: z.string() }, (w) => {
    const a = w.task("a", { run: ({ input }) => ({ text: input, length: input.length }) });
    const b = w.task("b", {
      needs: { a },
      when: ({ needs }) => needs.a.length > 5,
      input: ({ needs }) => needs.a.text,
      run: (text) => text.length,
    });
    const c = w.choose("c", {
      needs: { a },
      by: () => "only",
      branches: { only: (v) => v.task("d", { run: ({ needs }) => needs.a.text }) },
    });
    return { a, b, c };
  });
  const run = await tutti.runs.start(flow, big);
  expect(await run.result()).toEqual({
    a: { text: big, length: 200_000 },
    b: 200_000,
    c: { branch: "only", output: big },
  });
});

test("a template stands for the values it names; what has no value is left out", async () => {
  await using tutti = await open({ agents: [echo] });
  const task = { kind: "task", agent: { id: "echo" } } as const;
  const flow: WorkflowDefinition = {
    tutti: "1",
    id: "templates",
    version: "1",
    steps: {
      a: { ...task, input: { from: "${input}", list: ["${input}", 1], text: "not $${input}, ${input.k + 1}" } },
      "b-1": { ...task, needs: { a: "a" }, input: "${needs.a}" },
      c: { ...task, needs: { x: "b-1" }, input: { x: "${needs.x}", whole: { of: "${input}" } } },
    },
    output: { c: "${steps.c}", b: '${steps["b-1"]}', input: "${input}", sum: "${steps.a.list.size() + input.k}" },
  };
  const a = { from: { k: 1 }, list: [{ k: 1 }, 1], text: "not ${input}, 2" };
  const run = await tutti.runs.start(flow, { k: 1 });
  expect(await run.result()).toEqual({ c: { x: a, whole: { of: { k: 1 } } }, b: a, input: { k: 1 }, sum: 3 });
});

test("a settled join sees every end", async () => {
  await using tutti = await open();
  const flow = workflow({ id: "settled", version: "1" }, (w) => {
    const done = w.task("done", { run: () => 1 });
    const failed = w.task("failed", { run: () => Promise.reject<number>(new Error("no")) });
    const skipped = w.task("skipped", { when: () => false, run: () => 3 });
    return w.task("all", { needs: { done, failed, skipped }, join: "settled", run: ({ needs }) => needs });
  });
  const seen = await (await tutti.runs.start(flow)).result();
  expect(seen).toEqual({
    done: { status: "completed", output: 1 },
    failed: { status: "failed", error: { kind: "agent_error", message: "no" } },
    skipped: { status: "skipped", reason: "not_taken" },
  });
});

test("conditions, choices, mappings and handlers may be asynchronous", async () => {
  await using tutti = await open();
  const later = <T>(value: T) => Promise.resolve(value);
  const flow = workflow({ id: "async", version: "1" }, (w) => {
    const a = w.task("a", { when: () => later(true), input: () => later({ x: 1 }), run: ({ x }) => x + 1 });
    const b = w.choose("b", {
      needs: { a },
      by: () => later("yes" as const),
      branches: { yes: (v) => v.task("y", { run: () => "y" }) },
    });
    w.task("c", {
      run: () => Promise.reject<number>(new Error("no")),
      onError: { agent_error: () => later("skip" as const) },
    });
    return { a, b };
  });
  expect(await (await tutti.runs.start(flow)).result()).toEqual({ a: 2, b: { branch: "yes", output: "y" } });
});

test.each([
  [
    "a condition that throws",
    "a",
    {
      when: () => {
        throw new Error("boom");
      },
    },
    /boom/,
  ],
  [
    "a mapping that throws",
    "a",
    {
      input: () => {
        throw new Error("boom");
      },
    },
    /boom/,
  ],
  [
    "a mapping that makes no JSON",
    "a",
    { input: () => ({ deep: [1n] }) },
    /the input is not JSON at \$\.deep\[0\]: a BigInt/,
  ],
] as const)("%s fails its step", async (_, path, part, message) => {
  await using tutti = await open();
  const flow = workflow({ id: "broken", version: "1" }, (w) => w.task("a", { ...(part as object), run: () => 1 }));
  const run = await tutti.runs.start(flow);
  await expect(run.result()).rejects.toThrow(message);
  expect((await run.get()).steps[path]).toMatchObject({ status: "failed", attempts: 0 });
});

test("a choice that names no branch, and a handler that answers nonsense, fail with what was expected", async () => {
  await using tutti = await open();
  const flow = workflow({ id: "nonsense", version: "1", onFailure: "partial" }, (w) => {
    w.choose("c", { by: () => "nowhere" as "here", branches: { here: (v) => v.task("t", { run: () => 1 }) } });
    w.choose("n", { by: () => 7 as never, branches: { here: (v) => v.task("t", { run: () => 1 }) } });
    w.task("h", {
      run: () => Promise.reject<number>(new Error("no")),
      onError: { agent_error: () => "maybe" as "skip" },
    });
  });
  const run = await tutti.runs.start(flow);
  await run.result();
  const { steps } = await run.get();
  expect(steps["c"]?.error?.message).toContain("its branches are here");
  expect(steps["n"]?.error?.message).toContain("a choice is the name of a branch");
  expect(steps["h"]?.error?.message).toContain("retry, skip, fail");
});

test("an evaluation that does not answer in time fails its step", async () => {
  const clock = simulatedClock();
  await using tutti = await open({ clock });
  const flow = workflow({ id: "slow", version: "1" }, (w) =>
    w.task("a", { when: () => new Promise<boolean>(() => undefined), run: () => 1 }),
  );
  const run = await clock.runUntil(tutti.runs.start(flow));
  await expect(clock.runUntil(run.result())).rejects.toThrow("no answer within 10000 ms");
});

test("a secret is put in where the owner wrote its name, and nowhere else; it never comes back", async () => {
  let seen: unknown;
  const spy = agent({ id: "spy", capabilities: [], run: (input: unknown) => ((seen = input), { echo: input }) });
  const thief = agent({ id: "thief", capabilities: [], run: () => "secret://KEY" });
  await using tutti = await open({
    agents: [spy, thief],
    secrets: (name) => (name === "KEY" ? "sesame-open" : undefined),
  });
  const flow = workflow({ id: "secret", version: "1" }, (w) => {
    const asks = w.task("asks", { agent: "thief", input: null });
    const uses = w.task("uses", {
      needs: { asks },
      agent: "spy",
      input: { key: "secret://KEY", stolen: "${needs.asks}" },
    });
    const lacks = w.task("lacks", { agent: "spy", input: { key: "secret://NOBODY" } });
    const end = w.task("end", { needs: { lacks }, join: "settled", run: () => null });
    return { uses, end };
  });
  const run = await tutti.runs.start(flow);
  const { uses } = await run.result();
  expect(uses).toEqual({ echo: { key: "secret://KEY", stolen: "secret://KEY" } });
  expect(seen).toEqual({ key: "sesame-open", stolen: "secret://KEY" });
  expect((await run.get()).steps["lacks"]?.error?.message).toContain("TUTTI_SECRET_NOBODY");
  expect(JSON.stringify(await run.get())).not.toContain("sesame");
});

test("a run whose code is not there any more is stranded, and goes on when it is", async () => {
  const { openMemory } = await import("../../src/store/memory/open.ts");
  const { MemoryRows } = await import("../../src/store/memory/rows.ts");
  const rows = new MemoryRows();
  const make = (hold: Promise<number>) =>
    workflow({ id: "moved", version: "1" }, (w) => {
      const a = w.task("a", { run: () => hold });
      return w.task("b", { needs: { a }, run: ({ needs }) => needs.a + 1 });
    });
  const before = await open({ store: openMemory(rows), shutdownGrace: 0, abortGrace: 1 });
  const { id } = await before.runs.start(make(new Promise(() => undefined)));
  await before.close();
  await using after = await open({ store: openMemory(rows) });
  expect((await after.runs.get(id))?.status).toBe("stranded");
  await after.runs.start(make(Promise.resolve(1)), undefined, { runId: "fresh" });
  expect(await after.runs.handle(id).result()).toBe(2);
});

test("a definition that names code this process has not cannot be started", async () => {
  await using tutti = await open();
  const flow: WorkflowDefinition = {
    tutti: "1",
    id: "named",
    version: "1",
    steps: { a: { kind: "task", run: { code: "a.run" } } },
  };
  await expect(tutti.runs.start(flow)).rejects.toThrow("names code that this process has not: a.run");
});

test("one id and version may mean one workflow only", async () => {
  const make = (step: string) => workflow({ id: "same", version: "1" }, (w) => w.task(step, { run: () => step }));
  await using tutti = await open({ workflows: [make("a")] });
  await expect(tutti.runs.start(make("b"))).rejects.toMatchObject({ code: "WORKFLOW_CONFLICT" });
});
