import { expect, test } from "vitest";
import { verifies } from "../../test/verifies.ts";
import { agent } from "../agent/define.ts";
import { TaskError } from "../errors.ts";
import { createOrchestrator, getOrchestrator } from "../orchestrator.ts";
import type { OrchestratorOptions } from "../options.ts";
import { workflow } from "../workflow/define.ts";

const open = (options: OrchestratorOptions = {}) =>
  createOrchestrator({ store: ":memory:", ...options, retry: { initialInterval: 1, ...options.retry } });

function gate<T = void>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { open, opened };
}

test(
  "a paused run finishes what runs, begins nothing, and goes on where it was; nothing runs twice",
  verifies("001-F060", "001-F061", "002-F047", "002-F048"),
  async () => {
    await using tutti = await open();
    const hold = gate();
    const calls: string[] = [];
    const flow = workflow({ id: "pausing", version: "1" }, (w) => {
      const a = w.task("a", { run: () => (calls.push("a"), hold.opened) });
      const b = w.task("b", { needs: { a }, run: () => void calls.push("b") });
      return { b };
    });
    const run = await tutti.runs.start(flow);
    await run.pause();
    expect((await run.get()).status).toBe("paused");
    hold.open();
    while ((await run.get()).steps["a"]?.status !== "completed") await new Promise((resolve) => setImmediate(resolve));
    expect((await run.get()).steps["b"]?.status).toBe("ready");
    expect(calls).toEqual(["a"]);
    await run.resume();
    await run.result();
    expect(calls).toEqual(["a", "b"]);
  },
);

test(
  "a cancel reaches the running agent as an abort, and the run ends only when it has stopped",
  verifies("000-F053", "001-F062", "002-F049"),
  async () => {
    await using tutti = await open();
    const started = gate();
    const stopping = gate();
    let reason: unknown;
    const flow = workflow({ id: "cancelling", version: "1" }, (w) => {
      const a = w.task("a", {
        run: async (_, { signal }) => {
          started.open();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          reason = signal.reason;
          await stopping.opened;
          throw signal.reason;
        },
      });
      w.task("b", { needs: { a }, run: () => 1 });
    });
    const run = await tutti.runs.start(flow);
    await started.opened;
    await run.cancel("not needed");
    await run.cancel("twice is once");
    expect((await run.get()).status).toBe("cancelling");
    expect((await run.get()).steps["a"]?.status).toBe("running");
    stopping.open();
    await expect(run.result()).rejects.toThrow("was cancelled: not needed");
    expect(reason).toBeInstanceOf(TaskError);
    const info = await run.get();
    expect(info).toMatchObject({ status: "cancelled", reason: "not needed", inconsistent: false });
    expect(Object.values(info.steps).map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
    await expect(run.pause()).rejects.toMatchObject({ code: "RUN_ENDED" });
  },
);

test("a kill ends the run at once and says that it may be inconsistent", async () => {
  await using tutti = await open({ abortGrace: 5 });
  const started = gate();
  const flow = workflow({ id: "killing", version: "1" }, (w) => {
    w.task("deaf", { run: () => (started.open(), new Promise(() => undefined)) });
  });
  const run = await tutti.runs.start(flow);
  await started.opened;
  await run.kill();
  await expect(run.result()).rejects.toMatchObject({ code: "RUN_CANCELLED" });
  expect(await run.get()).toMatchObject({ status: "cancelled", inconsistent: true });
});

test("an attempt that does not stop in time is given up and said to be", async () => {
  await using tutti = await open({ abortGrace: 5 });
  const started = gate();
  const flow = workflow({ id: "deaf", version: "1" }, (w) => {
    w.task("deaf", { run: () => (started.open(), new Promise(() => undefined)) });
  });
  const run = await tutti.runs.start(flow);
  await started.opened;
  await run.cancel();
  await expect(run.result()).rejects.toThrow("was cancelled");
  const { status, steps } = await run.get();
  expect([status, steps["deaf"]]).toEqual([
    "cancelled",
    expect.objectContaining({ status: "cancelled", abandoned: true }),
  ]);
});

test(
  "events reach several handlers in order; one that throws stops nobody",
  verifies("002-F041", "002-F042", "002-F043", "002-F044", "002-F045", "002-F125"),
  async () => {
    const reported: string[] = [];
    await using tutti = await open({ retry: { maximumAttempts: 1 }, report: (line) => reported.push(line) });
    const seen: string[] = [];
    const off = tutti.on("TASK_COMPLETED", () => {
      throw new Error("a bad handler");
    });
    tutti.on("step.completed", async ({ runId, stepId, output }) => {
      await Promise.resolve();
      seen.push(`${runId} ${stepId} ${JSON.stringify(output)}`);
    });
    tutti.on("TASK_FAILED", ({ stepId, error }) => void seen.push(`${stepId} ${error?.message}`));
    tutti.on("*", ({ type, seq }) => void (type.startsWith("run.") && seen.push(`${seq} ${type}`)));
    const flow = workflow({ id: "told", version: "1", onFailure: "partial" }, (w) => {
      const a = w.task("a", { run: () => 1 });
      w.task("b", { needs: { a }, run: () => Promise.reject<number>(new Error("no")) });
    });
    const run = await tutti.runs.start(flow, undefined, { runId: "r" });
    await run.result();
    await tutti.close();
    expect(seen).toEqual(["1 run.created", "2 run.started", "r a 1", "b no", "7 run.completed"]);
    const ofHandlers = reported.filter((line) => line.includes("handler"));
    expect(ofHandlers).toEqual(["a handler of step.completed failed: a bad handler"]);
    off();
  },
);

test("variables can be replaced while the run goes on", verifies("000-F098"), async () => {
  await using tutti = await open();
  const hold = gate();
  const flow = workflow({ id: "vars", version: "1" }, (w) => {
    const a = w.task("a", { run: () => hold.opened });
    return w.task("b", { needs: { a }, input: ({ vars }) => vars, run: (vars) => vars });
  });
  const run = await tutti.runs.start(flow, undefined, { variables: { x: 1 } });
  await tutti.runs.setVariables(run.id, { x: 2 });
  hold.open();
  expect(await run.result()).toEqual({ x: 2 });
});

test("agents and code that come with a later workflow are known from then on", async () => {
  await using tutti = await open();
  const late = agent({ id: "late", capabilities: ["late"], run: () => "here" });
  const asks = {
    tutti: "1",
    id: "asks",
    version: "1",
    steps: { a: { kind: "task", agent: { capabilities: ["late"] } } },
  } as const;
  const waits = await tutti.runs.start(asks);
  const brings = workflow({ id: "brings", version: "1" }, (w) => w.task("a", { agent: late, input: null as never }));
  expect(await (await tutti.runs.start(brings)).result()).toBe("here");
  expect(await waits.result()).toEqual({ a: "here" });
});

test("options are checked all at once", verifies("000-F030", "001-F037", "001-F038", "002-F131"), async () => {
  const wrong = { maxConcurrentRuns: 0, retry: { maximumAttempt: 3 }, runTimeout: "soon", colour: "red" };
  const refused: unknown = await createOrchestrator(wrong as never).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "OPTIONS_INVALID" });
  const { message } = refused as Error;
  for (const part of ["maxConcurrentRuns", "colour", "runTimeout", "$.retry"]) expect(message).toContain(part);
  expect(message).toContain("maximumAttempts");
});

test("there is one default orchestrator in a process", verifies("003-F003"), async () => {
  const [one, two] = await Promise.all([getOrchestrator({ store: ":memory:" }), getOrchestrator()]);
  expect(one).toBe(two);
  await one.close();
  const next = await getOrchestrator({ store: ":memory:" });
  expect(next).not.toBe(one);
  await next.close();
});

test("a closed orchestrator refuses, and tells whoever waits", async () => {
  const tutti = await open({ shutdownGrace: 0, abortGrace: 5 });
  const started = gate();
  const flow = workflow({ id: "open", version: "1" }, (w) => {
    w.task("t", { run: () => (started.open(), new Promise(() => undefined)) });
  });
  const run = await tutti.runs.start(flow);
  const waiting = run.result().catch((error: unknown) => error);
  await started.opened;
  await tutti.close();
  await tutti.close();
  expect(await waiting).toMatchObject({ code: "CLOSED" });
  await expect(tutti.runs.start(flow)).rejects.toMatchObject({ code: "CLOSED" });
});

test(
  "events are told from the first to the last, and log lines are kept per attempt",
  verifies("002-F041"),
  async () => {
    await using tutti = await open();
    let calls = 0;
    const flow = workflow({ id: "talks", version: "1" }, (w) => {
      w.task("t", {
        run: (_, { log, attempt }) => {
          log.info(`attempt ${attempt}`);
          if (++calls < 2) throw new Error("again");
          return 1;
        },
      });
    });
    const run = await tutti.runs.start(flow);
    const types: string[] = [];
    for await (const { type, seq } of run.events()) types.push(`${seq} ${type}`);
    expect(types).toEqual([
      "1 run.created",
      "2 run.started",
      "3 step.started",
      "4 step.retrying",
      "5 step.started",
      "6 step.completed",
      "7 run.completed",
    ]);
    expect((await run.logs("t")).map(({ attempt, level, text }) => [attempt, level, text])).toEqual([
      [1, "info", "attempt 1"],
      [2, "info", "attempt 2"],
    ]);
  },
);

test("what an attempt says after it was given up changes nothing and is kept in the log", async () => {
  await using tutti = await open({ abortGrace: 5, retry: { maximumAttempts: 2 } });
  const late = gate<string>();
  let calls = 0;
  const hold = gate();
  const flow = workflow({ id: "late", version: "1" }, (w) => {
    const t = w.task("t", { timeout: 5, run: () => (++calls === 1 ? late.opened : "second") });
    w.task("after", { needs: { t }, run: () => hold.opened });
  });
  const run = await tutti.runs.start(flow);
  while ((await run.get()).steps["after"]?.status !== "running") await new Promise((resolve) => setTimeout(resolve, 5));
  late.open("first");
  while ((await run.logs("t")).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await run.get()).steps["t"]).toMatchObject({ output: "second", attempts: 2 });
  expect((await run.logs("t"))[0]?.text).toContain("not heard");
  hold.open();
  await run.result();
});
