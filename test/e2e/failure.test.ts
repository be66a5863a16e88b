/** What failure does, through the public door, on simulated time. */
import { describe, expect, test } from "vitest";
import type { ErrorKind } from "../../src/errors.ts";
import { TaskError } from "../../src/errors.ts";
import type { OrchestratorOptions } from "../../src/options.ts";
import { createOrchestrator } from "../../src/orchestrator.ts";
import type { Reply } from "../../src/testing/agents.ts";
import { scripted } from "../../src/testing/agents.ts";
import { simulatedClock } from "../../src/testing/clock.ts";
import type { ErrorHandlerOptions, RetryOptions, TimeoutOptions } from "../../src/workflow/builder.ts";
import { workflow } from "../../src/workflow/define.ts";
import { verifies } from "../verifies.ts";

interface Asked {
  readonly script: readonly Reply[];
  readonly retry?: RetryOptions;
  readonly timeout?: TimeoutOptions;
  readonly onError?: ErrorHandlerOptions<Partial<Record<ErrorKind, "retry" | "skip" | "fail">>>;
  readonly options?: OrchestratorOptions;
}

/** One step by one agent; how it ended, what the agent was asked, and when. */
async function ask({ script, retry, timeout, onError, options }: Asked) {
  const clock = simulatedClock();
  const doer = scripted("doer", script, clock);
  const spare = scripted("spare", [{ returns: "spare" }], clock);
  await using tutti = await createOrchestrator({ store: ":memory:", clock, agents: [doer, spare], ...options });
  const flow = workflow({ id: "one", version: "1" }, (w) => {
    w.task("step", {
      agent: "doer",
      input: null,
      ...(retry && { retry }),
      ...(timeout !== undefined && { timeout }),
      ...(onError && { onError }),
    });
  });
  const run = await clock.runUntil(tutti.runs.start(flow));
  await clock.runUntil(run.result().catch(() => undefined));
  const info = await run.get();
  const [first] = doer.calls;
  return {
    status: info.status,
    step: info.steps["step"],
    at: doer.calls.map((call) => call.at - (first?.at ?? 0)),
    calls: doer.calls,
  };
}

describe("retries", () => {
  test(
    "the attempts are those of the policy, the waits grow under its ceiling, the key stays",
    verifies("000-F038", "000-F103", "000-F104", "001-F096", "002-F014", "000-F010"),
    async () => {
      const { step, at, calls } = await ask({
        script: [{ fails: "connection_error" }],
        retry: { max_attempts: 4, initialInterval: "1s", backoff_multiplier: 3, maximumInterval: "5s" },
      });
      expect(step).toMatchObject({ status: "failed", attempts: 4 });
      const waits = at.slice(1).map((moment, i) => moment - (at[i] ?? 0));
      for (const [i, ceiling] of [1_000, 3_000, 5_000].entries()) {
        expect(waits[i]).toBeGreaterThan(0);
        expect(waits[i]).toBeLessThanOrEqual(ceiling);
      }
      expect(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
      expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    },
  );

  test(
    "the orchestrator's defaults hold where the step says nothing",
    verifies("000-F032", "001-F088", "001-F089"),
    async () => {
      const options = { retry: { maximumAttempts: 2, initialInterval: "7s" } };
      const { step, at } = await ask({ script: [{ throws: new Error("no") }], options });
      expect(step).toMatchObject({ status: "failed", attempts: 2, error: { kind: "agent_error", message: "no" } });
      expect(at[1]).toBeLessThanOrEqual(7_000);
    },
  );

  test("only the listed kinds are retried", verifies("000-F105", "000-F107"), async () => {
    const retry = { retry_on: ["connection_error"] } as const;
    expect((await ask({ script: [{ fails: "connection_error" }, { returns: 1 }], retry })).step?.attempts).toBe(2);
    expect((await ask({ script: [{ fails: "agent_error" }, { returns: 1 }], retry })).step?.attempts).toBe(1);
  });

  test.each(["timeout", "connection_error", "rate_limit", "agent_error"] as const)(
    "%s is retried by default",
    verifies("000-F106", "000-F107"),
    async (kind) => {
      expect(await ask({ script: [{ fails: kind }, { returns: 1 }] })).toMatchObject({
        status: "completed",
        step: { attempts: 2 },
      });
    },
  );

  test.each(["validation_error", "critical_error", "budget_exceeded"] as const)(
    "%s is never retried",
    verifies("000-F108", "000-F109"),
    async (kind) => {
      expect(await ask({ script: [{ fails: kind }, { returns: 1 }] })).toMatchObject({
        status: "failed",
        step: { attempts: 1, error: { kind } },
      });
    },
  );

  test("a rate limit's own wait is kept", async () => {
    const { at } = await ask({ script: [{ fails: { kind: "rate_limit", retryAfterMs: 90_000 } }, { returns: 1 }] });
    expect(at[1]).toBe(90_000);
  });
});

describe("time-outs", () => {
  test(
    "an attempt over its time is stopped, fails as timeout, and is tried again",
    verifies("000-F106", "001-F086", "001-F105"),
    async () => {
      const { step, status, at } = await ask({ script: [{ never: true }, { returns: "late" }], timeout: "30s" });
      expect([status, step?.attempts, step?.output]).toEqual(["completed", 2, "late"]);
      expect(at[1]).toBeGreaterThan(30_000);
    },
  );

  test("the orchestrator's time-out holds where the step says nothing", verifies("000-F033"), async () => {
    const options = { timeout: { startToClose: "5m" }, retry: { maximumAttempts: 1 } };
    const { step } = await ask({ script: [{ never: true }], options });
    expect(step?.error).toMatchObject({
      kind: "timeout",
      code: "START_TO_CLOSE",
      message: "no result within 300000 ms",
    });
  });

  test("the whole step's time ends its attempts", verifies("001-F105"), async () => {
    const { step, at } = await ask({
      script: [{ afterMs: 40_000, fails: "connection_error" }],
      retry: { maximumAttempts: 10, initialInterval: 1 },
      timeout: { total: "1m" },
    });
    expect(step?.error).toMatchObject({ kind: "timeout", code: "STEP_TOTAL" });
    expect(at).toHaveLength(2);
  });

  test("a run over its time fails, and what runs is stopped", verifies("001-F105"), async () => {
    const clock = simulatedClock();
    const doer = scripted("doer", [{ never: true }], clock);
    await using tutti = await createOrchestrator({
      store: ":memory:",
      clock,
      agents: [doer],
      runTimeout: "2h",
      timeout: "1d",
    });
    const run = await clock.runUntil(
      tutti.runs.start(workflow({ id: "long", version: "1" }, (w) => w.task("t", { agent: "doer", input: null }))),
    );
    await expect(clock.runUntil(run.result())).rejects.toThrow("time limit");
    expect((await run.get()).steps["t"]?.status).toBe("cancelled");
  });
});

describe("handlers", () => {
  test("skip resolves the step with no value", verifies("000-F110", "000-F112"), async () => {
    const { status, step } = await ask({
      script: [{ fails: "validation_error" }],
      onError: { validation_error: "skip" },
    });
    expect([status, step?.status, step?.reason]).toEqual(["completed", "skipped", "handled"]);
  });

  test("retry grants one more round, at most three", verifies("000-F111"), async () => {
    const { step } = await ask({
      script: [{ fails: "timeout" }],
      retry: { maximumAttempts: 2 },
      onError: { timeout: "retry" },
    });
    expect(step).toMatchObject({ status: "failed", attempts: 8 });
  });

  test("fail is fail", verifies("000-F113"), async () => {
    expect((await ask({ script: [{ fails: "critical_error" }], onError: { critical_error: "fail" } })).status).toBe(
      "failed",
    );
  });

  test("a function is asked with its context, once, and its choice is taken", verifies("000-F110"), async () => {
    const seen: unknown[] = [];
    const { status, step } = await ask({
      script: [{ fails: { kind: "validation_error", message: "bad date" } }],
      onError: {
        validation_error: ({ error, attempt, path }) => {
          seen.push([error.message, attempt, path]);
          return "skip";
        },
      },
    });
    expect([status, step?.status]).toEqual(["completed", "skipped"]);
    expect(seen).toEqual([["bad date", 1, "step"]]);
  });

  test("a fallback gets the same input", async () => {
    const clock = simulatedClock();
    const doer = scripted("doer", [{ fails: "timeout" }], clock);
    const spare = scripted("spare", [{ returns: "spare" }], clock);
    await using tutti = await createOrchestrator({ store: ":memory:", clock, agents: [doer, spare] });
    const flow = workflow({ id: "fallback", version: "1" }, (w) =>
      w.task("t", {
        agent: "doer",
        input: { x: 1 },
        retry: { maximumAttempts: 1 },
        onError: { timeout: { fallback: "spare" } },
      }),
    );
    const run = await clock.runUntil(tutti.runs.start(flow));
    expect(await clock.runUntil(run.result())).toBe("spare");
    expect(spare.calls[0]?.input).toEqual({ x: 1 });
    expect((await run.get()).steps["t"]).toMatchObject({ agent: "spare", attempts: 2 });
  });

  test("the workflow's handlers hold for every step that has none of its own", verifies("000-F043"), async () => {
    const clock = simulatedClock();
    await using tutti = await createOrchestrator({ store: ":memory:", clock });
    const flow = workflow({ id: "common", version: "1", onError: { validation_error: "skip" } }, (w) => {
      for (const id of ["a", "b"]) {
        w.task(id, {
          run: () => {
            throw new TaskError("validation_error", id);
          },
        });
      }
    });
    const run = await clock.runUntil(tutti.runs.start(flow));
    await clock.runUntil(run.result());
    expect(Object.values((await run.get()).steps).map(({ reason }) => reason)).toEqual(["handled", "handled"]);
  });
});

test("under failFast the first uncaught failure stops the rest", async () => {
  const clock = simulatedClock();
  const bad = scripted("bad", [{ afterMs: 10, fails: "validation_error" }], clock);
  const slow = scripted("slow", [{ never: true }], clock);
  await using tutti = await createOrchestrator({ store: ":memory:", clock, agents: [bad, slow] });
  const flow = workflow({ id: "fast", version: "1", failFast: true }, (w) => {
    w.task("bad", { agent: "bad", input: null });
    w.task("slow", { agent: "slow", input: null });
  });
  const run = await clock.runUntil(tutti.runs.start(flow));
  await expect(clock.runUntil(run.result())).rejects.toMatchObject({ code: "RUN_FAILED", data: { path: "bad" } });
  expect((await run.get()).steps["slow"]?.status).toBe("cancelled");
});
