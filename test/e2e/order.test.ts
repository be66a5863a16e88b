/** What runs when, through the public door, on simulated time. */
import { expect, test } from "vitest";
import type { OrchestratorOptions } from "../../src/options.ts";
import { createOrchestrator } from "../../src/orchestrator.ts";
import { simulatedClock } from "../../src/testing/clock.ts";
import { scripted } from "../../src/testing/agents.ts";
import { workflow } from "../../src/workflow/define.ts";
import { verifies } from "../verifies.ts";

async function stage(options: OrchestratorOptions = {}) {
  const clock = simulatedClock();
  const start = clock.now();
  const tutti = await createOrchestrator({ store: ":memory:", clock, ...options });
  /** A task of `ms` that notes when it began and ended. */
  const times: Record<string, [number, number]> = {};
  const work = (name: string, ms: number) => async (): Promise<string> => {
    const from = clock.now() - start;
    await new Promise<void>((resolve) => clock.after(ms, resolve));
    times[name] = [from, clock.now() - start];
    return name;
  };
  return { clock, tutti, times, work };
}

test(
  "independent steps overlap, a dependent one begins when its last need has ended, and no level is waited for",
  verifies(
    "000-F007",
    "000-F027",
    "000-F028",
    "000-F037",
    "000-F039",
    "000-F116",
    "001-F006",
    "001-F007",
    "001-F009",
    "001-F041",
    "001-F043",
    "001-F047",
    "002-F011",
    "002-F013",
    "001-F002",
  ),
  async () => {
    const { clock, tutti, times, work } = await stage();
    const flow = workflow({ id: "diamond", version: "1" }, (w) => {
      const fast = w.task("fast", { run: work("fast", 10) });
      const slow = w.task("slow", { run: work("slow", 100) });
      const after = w.task("after", { needs: { fast }, run: work("after", 10) });
      const join = w.task("join", { needs: { after, slow }, input: ({ needs }) => needs, run: (needs) => needs });
      return { join };
    });
    const run = await clock.runUntil(tutti.runs.start(flow));
    expect(await clock.runUntil(run.result())).toEqual({ join: { after: "after", slow: "slow" } });
    expect(times).toEqual({ fast: [0, 10], slow: [0, 100], after: [10, 20] });
    const { steps } = await run.get();
    expect(Date.parse(steps["join"]?.startedAt ?? "") - Date.parse(steps["fast"]?.startedAt ?? "")).toBe(100);
    await tutti.close();
  },
);

test("with one slot the longest remaining path goes first", verifies("000-F009", "001-F111"), async () => {
  const { clock, tutti, times, work } = await stage({ maxConcurrentTasks: 1 });
  const flow = workflow({ id: "paths", version: "1" }, (w) => {
    w.task("short", { estimateMs: 50, run: work("short", 50) });
    const long = w.task("long", { estimateMs: 10, run: work("long", 10) });
    w.task("tail", { needs: { long }, estimateMs: 100, run: work("tail", 100) });
  });
  await clock.runUntil((await clock.runUntil(tutti.runs.start(flow))).result());
  expect(times).toEqual({ long: [0, 10], tail: [10, 110], short: [110, 160] });
  await tutti.close();
});

test("run priority goes before step priority, step priority before the longer path", verifies("000-F009"), async () => {
  const { clock, tutti, times, work } = await stage({ maxConcurrentTasks: 1 });
  const one = (id: string, priority?: "high") =>
    workflow({ id, version: "1" }, (w) => {
      w.task("plain", { estimateMs: 1_000, run: work(`${id}.plain`, 10) });
      w.task("eager", { estimateMs: 10, ...(priority ? { priority } : {}), run: work(`${id}.eager`, 10) });
    });
  const blocker = workflow({ id: "blocker", version: "1" }, (w) => w.task("hold", { run: work("0", 5) }));
  await clock.runUntil(tutti.runs.start(blocker));
  const runs = await clock.runUntil(
    Promise.all([
      tutti.runs.start(one("normal", "high")),
      tutti.runs.start(one("urgent"), undefined, { priority: "urgent" }),
    ]),
  );
  await clock.runUntil(Promise.all(runs.map((run) => run.result())));
  const order = Object.entries(times)
    .sort(([, a], [, b]) => a[0] - b[0])
    .map(([name]) => name);
  expect(order).toEqual(["0", "urgent.plain", "urgent.eager", "normal.eager", "normal.plain"]);
  await tutti.close();
});

test.each([
  ["maxConcurrentTasks", { maxConcurrentTasks: 2 }, 2],
  ["enableParallelExecution: false", { enableParallelExecution: false }, 1],
] as const)(
  "%s is never exceeded, and no slot idles",
  verifies("001-F013", "001-F085", "001-F090", "002-F010"),
  async (_, options, slots) => {
    const { clock, tutti, times, work } = await stage(options);
    const flow = workflow({ id: "wide", version: "1" }, (w) => {
      for (const name of ["a", "b", "c", "d"]) w.task(name, { run: work(name, 10) });
    });
    await clock.runUntil((await clock.runUntil(tutti.runs.start(flow))).result());
    const at = (moment: number) => Object.values(times).filter(([from, to]) => from <= moment && moment < to).length;
    const busy = Array.from({ length: 40 / slots }, (_unused, ms) => at(ms));
    expect(new Set(busy)).toEqual(new Set([slots]));
    await tutti.close();
  },
);

test(
  "more runs than maxConcurrentRuns wait as pending and begin when a slot is free",
  verifies("000-F031", "000-F049", "000-F050", "000-F051", "001-F001", "001-F132", "001-F015", "002-F050"),
  async () => {
    const { clock, tutti, work } = await stage({ maxConcurrentRuns: 2 });
    const flow = workflow({ id: "queued", version: "1" }, (w) => w.task("t", { run: work("t", 10) }));
    const runs = await clock.runUntil(
      Promise.all(["1", "2", "3"].map((runId) => tutti.runs.start(flow, undefined, { runId }))),
    );
    const statuses = () => Promise.all(runs.map(async (run) => (await run.get()).status));
    expect(await clock.runUntil(statuses())).toEqual(["running", "running", "pending"]);
    await clock.advance(10);
    expect(await clock.runUntil(statuses())).toEqual(["completed", "completed", "running"]);
    await clock.advance(10);
    expect(await clock.runUntil(statuses())).toEqual(["completed", "completed", "completed"]);
    await tutti.close();
  },
);

test("a run's own concurrency holds while other runs use the other slots", async () => {
  const { clock, tutti, times, work } = await stage({ maxConcurrentTasks: 4 });
  const limited = workflow({ id: "limited", version: "1", concurrency: 1 }, (w) => {
    for (const name of ["l1", "l2", "l3"]) w.task(name, { run: work(name, 10) });
  });
  const free = workflow({ id: "free", version: "1" }, (w) => {
    for (const name of ["f1", "f2", "f3"]) w.task(name, { run: work(name, 10) });
  });
  const runs = await clock.runUntil(Promise.all([tutti.runs.start(limited), tutti.runs.start(free)]));
  await clock.runUntil(Promise.all(runs.map((run) => run.result())));
  expect(times).toMatchObject({ l1: [0, 10], l2: [10, 20], l3: [20, 30], f1: [0, 10], f2: [0, 10], f3: [0, 10] });
  await tutti.close();
});

test(
  "an agent's slots are kept, and the least loaded one gets the next task",
  verifies("000-F035", "001-F048"),
  async () => {
    const clock = simulatedClock();
    const reply = { afterMs: 10, returns: "ok" };
    const one = scripted({ id: "one", capabilities: ["dig"], maxConcurrency: 1 }, [reply], clock);
    const two = scripted({ id: "two", capabilities: ["dig"], maxConcurrency: 2 }, [reply], clock);
    const tutti = await createOrchestrator({ store: ":memory:", clock, agents: [one, two] });
    const flow = workflow({ id: "digging", version: "1" }, (w) => {
      for (const name of ["a", "b", "c", "d"]) w.task(name, { agent: { capability: "dig" }, input: name });
      w.task("named", { agent: "two", input: "named" });
    });
    const run = await clock.runUntil(tutti.runs.start(flow));
    await clock.runUntil(run.result());
    const began = clock.now();
    const first = [...one.calls, ...two.calls].filter(({ at }) => at < began - 10).length;
    expect(first).toBe(3);
    expect(one.calls).toHaveLength(2);
    expect(two.calls.map(({ input }) => input)).toContain("named");
    expect((await run.get()).steps["a"]?.why).toContain("least loaded");
    await tutti.close();
  },
);

test(
  "a step with only a type goes to an agent with that capability, and keeps its labels",
  verifies("001-F044", "001-F045", "001-F046", "001-F049", "000-F034", "000-F036", "001-F039"),
  async () => {
    const clock = simulatedClock();
    const searcher = scripted({ id: "searcher", capabilities: ["web_search"] }, [{ returns: { hits: 3 } }], clock);
    const tutti = await createOrchestrator({ store: ":memory:", clock, agents: [searcher] });
    const flow = workflow({ id: "typed", version: "1" }, (w) => {
      w.task("search", {
        type: "web_search",
        description: "finds sources",
        input: { query: "${input}", action: "search", target: { depth: 2 }, period: "2026" },
      });
    });
    const run = await clock.runUntil(tutti.runs.start(flow, "durable agents"));
    await clock.runUntil(run.result());
    expect(searcher.calls[0]?.input).toEqual({
      query: "durable agents",
      action: "search",
      target: { depth: 2 },
      period: "2026",
    });
    const step = (await run.get()).steps["search"];
    expect(step).toMatchObject({ id: "search", type: "web_search", description: "finds sources", agent: "searcher" });
    expect([step?.readyAt, step?.startedAt, step?.endedAt].every((at) => at !== undefined)).toBe(true);
    await tutti.close();
  },
);

test("a step without an agent waits in the queue, then fails with the reason", verifies("001-F105"), async () => {
  const clock = simulatedClock();
  const tutti = await createOrchestrator({ store: ":memory:", clock, retry: { maximumAttempts: 1 } });
  const flow = workflow({ id: "lonely", version: "1" }, (w) => {
    w.task("ask", { agent: { capability: "oracle", version: "^2" }, timeout: { scheduleToStart: "10m" }, input: null });
  });
  const run = await clock.runUntil(tutti.runs.start(flow));
  await clock.advance(9 * 60_000);
  expect((await run.get()).steps["ask"]?.status).toBe("ready");
  await expect(clock.runUntil(run.result())).rejects.toThrow(/not started within 600000 ms: no agent fits oracle@\^2/);
  await tutti.close();
});

test("progress comes at most once in its interval", verifies("001-F087"), async () => {
  const { clock, tutti, work } = await stage({ progressIntervalMs: 1_000, maxConcurrentTasks: 1 });
  const flow = workflow({ id: "many", version: "1" }, (w) => {
    for (let i = 0; i < 50; i++) w.task(`t${i}`, { run: work(`t${i}`, 100) });
  });
  const run = await clock.runUntil(tutti.runs.start(flow));
  const told: number[] = [];
  run.progress(({ ended }) => told.push(ended));
  await clock.runUntil(run.result());
  expect(told.length).toBeGreaterThan(4);
  expect(told.length).toBeLessThan(8);
  expect(told.at(-1)).toBe(50);
  await tutti.close();
});
