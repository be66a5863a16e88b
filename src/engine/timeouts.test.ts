import { describe, expect, test } from "vitest";
import { verifies } from "../../test/verifies.ts";
import type { Script } from "../testing/agents.ts";
import { scripted } from "../testing/agents.ts";
import type { BenchOptions } from "../testing/bench.ts";
import { Bench, byAgent } from "../testing/bench.ts";
import { simulatedClock } from "../testing/clock.ts";
import { DEFAULTS } from "../workflow/policy.ts";

const DAY = 24 * 3_600_000;
const MINUTE = 60_000;

/** A bench with one agent, `ada`. */
async function withAda(script: Script, options: BenchOptions & { readonly slots?: number } = {}) {
  const clock = simulatedClock();
  const ada = scripted({ id: "ada", maxConcurrency: options.slots ?? 1 }, script, clock);
  return { clock, ada, bench: await Bench.open({ ...options, clock, agents: [ada] }) };
}

describe("a retry", () => {
  test.each([
    ["stands still", 0],
    ["is set forward by two days", 2 * DAY],
    ["is set back by two days", -2 * DAY],
  ])("waits its time by uptime when the wall clock %s", verifies("001-F096"), async (_what, jump) => {
    const { clock, ada, bench } = await withAda([{ fails: "agent_error" }, { returns: 1 }]);
    await bench.started("r", { a: byAgent("ada") });
    await clock.settle();
    const { retryAt } = await bench.step("r", "a");
    const waitMs = (retryAt ?? 0) - clock.now();
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(1_000);
    clock.jump(jump);
    await clock.advance(waitMs - 1);
    expect(ada.calls).toHaveLength(1);
    await clock.advance(1);
    expect(ada.calls).toHaveLength(2);
    expect((await bench.ended("r")).end).toBe("completed");
  });

  test("is not longer than a wait can be, however far the wall clock was set back while no engine ran", async () => {
    const { clock, bench } = await withAda([{ fails: "agent_error" }]);
    await bench.started("r", { a: byAgent("ada") });
    await clock.settle();
    await bench[Symbol.asyncDispose]();
    clock.jump(-2 * DAY);
    const ada = scripted("ada", [{}], clock);
    await using next = await Bench.open({ clock, rows: bench.rows, agents: [ada] });
    await clock.advance(DEFAULTS.retry.maximumIntervalMs);
    expect(ada.calls).toHaveLength(1);
    expect((await next.run("r")).end).toBe("completed");
  });

  test("waits at least as long as a rate limit asked for", async () => {
    const { clock, ada, bench } = await withAda([{ fails: { kind: "rate_limit", retryAfterMs: 30_000 } }, {}]);
    await bench.started("r", { a: byAgent("ada") });
    await clock.advance(29_999);
    expect(ada.calls).toHaveLength(1);
    await clock.advance(1);
    expect(ada.calls).toHaveLength(2);
  });
});

describe("schedule-to-start", () => {
  test("is how long a step waits for an agent that is busy", verifies("001-F105"), async () => {
    const { clock, bench } = await withAda([{ afterMs: 2 * MINUTE }]);
    const timeout = { scheduleToStartMs: MINUTE };
    await bench.started("r", { a: byAgent("ada"), b: byAgent("ada", { timeout }) });
    await clock.advance(MINUTE - 1);
    expect((await bench.step("r", "b")).status).toBe("ready");
    await clock.advance(1);
    const { status, error } = await bench.step("r", "b");
    expect(status).toBe("failed");
    expect(error).toMatchObject({ kind: "timeout", code: "SCHEDULE_TO_START" });
    expect(error?.message).toBe("not started within 60000 ms: all slots are busy (1 agents fit)");
  });

  test("says so when there is no such agent, or the run itself is full", async () => {
    const { clock, bench } = await withAda([{ afterMs: 3 * MINUTE }], { slots: 9 });
    const timeout = { scheduleToStartMs: MINUTE };
    await bench.started("r1", { a: byAgent("nobody", { timeout }) });
    await bench.started("r2", { a: byAgent("ada"), b: byAgent("ada", { timeout }) }, { workflow: { concurrency: 1 } });
    await clock.advance(MINUTE);
    expect((await bench.step("r1", "a")).error?.message).toMatch(/no agent fits nobody$/);
    expect((await bench.step("r2", "b")).error?.message).toMatch(/the run is at its own concurrency$/);
  });

  test("stands still while the run is paused, and begins anew when it goes on", async () => {
    const { clock, bench } = await withAda([{ afterMs: 4 * MINUTE }]);
    const timeout = { scheduleToStartMs: MINUTE };
    await bench.started("r", { a: byAgent("ada"), b: byAgent("ada", { timeout }) });
    await clock.runUntil(bench.engine.post("r", { type: "pause" }));
    await clock.advance(2 * MINUTE + 7);
    await clock.runUntil(bench.engine.post("r", { type: "resume" }));
    await clock.advance(MINUTE - 1);
    expect((await bench.step("r", "b")).status).toBe("ready");
    await clock.advance(1);
    expect((await bench.step("r", "b")).error?.code).toBe("SCHEDULE_TO_START");
  });
});

describe("start-to-close", () => {
  test("aborts the attempt, which counts as a timeout and is tried again", verifies("001-F086"), async () => {
    const { clock, ada, bench } = await withAda([{ never: true }, { returns: "at last" }]);
    await bench.started("r", { a: byAgent("ada", { timeout: { startToCloseMs: 5_000 } }) });
    await clock.advance(4_999);
    expect((await bench.step("r", "a")).status).toBe("running");
    await clock.advance(1);
    const { status, error } = await bench.step("r", "a");
    expect(status).toBe("retrying");
    expect(error).toMatchObject({ kind: "timeout", code: "START_TO_CLOSE", message: "no result within 5000 ms" });
    expect((await bench.ended("r")).end).toBe("completed");
    expect(ada.calls).toHaveLength(2);
  });

  test("gives up an agent that does not stop, and what it says later changes nothing", async () => {
    const late = { afterMs: MINUTE, returns: "late", ignoresAbort: true } as const;
    const { clock, bench } = await withAda([late], { limits: { abortGraceMs: 2_000 } });
    const once = { retry: { maximumAttempts: 1 }, timeout: { startToCloseMs: 5_000 } };
    await bench.started("r", { a: byAgent("ada", once), b: byAgent("ada") });
    await clock.advance(6_999);
    expect((await bench.step("r", "a")).status).toBe("running");
    await clock.advance(1);
    const { status, attempts, epoch } = await bench.step("r", "a");
    expect(status).toBe("failed");
    const token = { instance: 0, attempt: attempts, epoch };
    const post = bench.engine.post("r", { type: "complete", token, output: { json: '"late"' } });
    await expect(clock.runUntil(post)).rejects.toMatchObject({ code: "STALE_ATTEMPT" });
    await clock.advance(MINUTE);
    expect((await bench.step("r", "a")).output).toBeUndefined();
  });
});

test("the step's total time covers its attempts and the waits between them, and nothing follows", async () => {
  const { clock, ada, bench } = await withAda([{ fails: "agent_error", afterMs: 900 }, { never: true }]);
  const retry = { maximumAttempts: 9, initialIntervalMs: 100, maximumIntervalMs: 100 };
  await bench.started("r", { a: byAgent("ada", { retry, timeout: { totalMs: 5_000 } }) });
  await clock.advance(4_999);
  expect((await bench.step("r", "a")).status).toBe("running");
  await clock.advance(1);
  const { status, error, attempts } = await bench.step("r", "a");
  expect([status, attempts]).toEqual(["failed", 2]);
  expect(error).toMatchObject({ kind: "timeout", code: "STEP_TOTAL" });
  expect(ada.calls).toHaveLength(2);
});

describe("the step's total time ends it", () => {
  const over = {
    status: "failed",
    error: { kind: "timeout", code: "STEP_TOTAL", cause: { message: expect.anything() } },
  };

  test("while it waits for its next attempt: none begins after it", async () => {
    const { clock, ada, bench } = await withAda([{ fails: { kind: "rate_limit", retryAfterMs: 9_000 }, afterMs: 500 }]);
    const retry = { maximumAttempts: 9, maximumIntervalMs: 9_000 };
    await bench.started("r", { a: byAgent("ada", { retry, timeout: { totalMs: 5_000 } }) });
    await clock.advance(4_999);
    expect((await bench.step("r", "a")).status).toBe("retrying");
    await clock.advance(1);
    expect(await bench.step("r", "a")).toMatchObject(over);
    await clock.advance(60_000);
    expect(ada.calls).toHaveLength(1);
  });

  test("while it waits for a busy agent; its handler for time-outs is asked", async () => {
    const { clock, bench } = await withAda([{ fails: "agent_error", afterMs: 100 }, { never: true }]);
    const retry = { maximumAttempts: 9, initialIntervalMs: 1_000, maximumIntervalMs: 1_000 };
    const a = byAgent("ada", { retry, timeout: { totalMs: 5_000 }, onError: { timeout: "skip" } });
    await bench.started("r", { a });
    await clock.advance(100);
    await bench.started("other", { b: byAgent("ada") });
    await clock.advance(4_899);
    expect((await bench.step("r", "a")).status).toBe("retrying");
    await clock.advance(1);
    expect(await bench.step("r", "a")).toMatchObject({ status: "skipped", reason: "handled" });
  });

  test("but not before its first attempt: waiting for an agent has its own", async () => {
    const { clock, bench } = await withAda([]);
    await bench.started("r", { a: byAgent("nobody", { timeout: { totalMs: 1_000, scheduleToStartMs: 3_000 } }) });
    await clock.advance(2_999);
    expect((await bench.step("r", "a")).status).toBe("ready");
    await clock.advance(1);
    expect((await bench.step("r", "a")).error).toMatchObject({ code: "SCHEDULE_TO_START" });
  });
});

describe("the run's own deadline", () => {
  test("stops what runs, cancels the rest, and fails the run", async () => {
    const { clock, bench } = await withAda([{ never: true }]);
    const steps = { a: byAgent("ada"), b: byAgent("ada", { needs: { a: "a" } }) };
    await bench.started("r", steps, { runTimeoutMs: MINUTE });
    await clock.advance(MINUTE - 1);
    expect((await bench.run("r")).end).toBeUndefined();
    await clock.advance(1);
    const run = await bench.run("r");
    expect([run.end, run.error?.kind, run.error?.message]).toEqual([
      "failed",
      "timeout",
      "the run reached its time limit",
    ]);
    expect(Array.from(run.instances, ({ status }) => status)).toEqual(["cancelled", "cancelled"]);
  });

  test("is kept by the wall clock: overdue when an engine opens, it fires at once", async () => {
    const { clock, bench } = await withAda([{ never: true }], { limits: { shutdownGraceMs: 0 } });
    await bench.started("r", { a: byAgent("ada") }, { runTimeoutMs: MINUTE });
    await bench[Symbol.asyncDispose]();
    clock.jump(DAY);
    const ada = scripted("ada", [{}], clock);
    await using next = await Bench.open({ clock, rows: bench.rows, agents: [ada] });
    expect((await next.run("r")).error?.message).toBe("the run reached its time limit");
    expect(ada.calls).toEqual([]);
  });

  test("is noticed within a minute when the machine has slept, or its clock was set", async () => {
    const { clock, bench } = await withAda([{ never: true }]);
    await bench.started(
      "r",
      { a: byAgent("ada") },
      { runTimeoutMs: DAY, timeout: { ...DEFAULTS.timeout, startToCloseMs: DAY } },
    );
    clock.jump(DAY);
    await clock.advance(MINUTE);
    expect((await bench.run("r")).error?.message).toBe("the run reached its time limit");
  });
});
