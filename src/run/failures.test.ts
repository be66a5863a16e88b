/** Retries, handlers, and what a failure means for its run (DESIGN 3.4, 5.8). */
import { describe, expect, test } from "vitest";
import { ERROR_KINDS } from "../errors.ts";
import { Play, failureOf, task } from "../testing/heart.ts";
import { DEFAULTS } from "../workflow/policy.ts";
import type { Effect } from "./commands.ts";

const RETRY = DEFAULTS.retry;
const HANDLER = { code: "a.onError" };

const offerIn = (effects: readonly Effect[]): Effect | undefined => effects.find(({ type }) => type === "offer");

describe("retry", () => {
  test("a kind that another try can mend is tried maximumAttempts times, waiting longer each time", () => {
    const play = Play.of({ a: task() }, {}, { retry: { ...RETRY, maximumAttempts: 4 } });
    const ceilings = [1_000, 2_000, 4_000];
    for (const ceiling of ceilings) {
      const { effects } = play.fail("a", "timeout");
      const { retryAt = 0, status } = play.instance("a");
      expect(status).toBe("retrying");
      expect(retryAt - play.now).toBeGreaterThan(0);
      expect(retryAt - play.now).toBeLessThanOrEqual(ceiling);
      expect(offerIn(effects)).toMatchObject({ instance: 0, at: retryAt });
    }
    play.fail("a", "timeout");
    expect(play.instance("a")).toMatchObject({ status: "failed", attempts: 4 });
    expect(play.run).toMatchObject({ end: "failed", error: { kind: "timeout", path: "a" } });
  });

  test("the wait is capped, and the same on every replay", () => {
    const retry = { ...RETRY, maximumAttempts: 9, maximumIntervalMs: 3_000 };
    const waits = (): number[] => {
      const play = Play.of({ a: task() }, {}, { retry });
      return Array.from({ length: 8 }, () => {
        play.fail("a", "connection_error");
        return (play.instance("a").retryAt ?? 0) - play.now;
      });
    };
    expect(Math.max(...waits())).toBeLessThanOrEqual(3_000);
    expect(new Set(waits()).size).toBeGreaterThan(5);
    expect(waits()).toEqual(waits());
  });

  test.each(ERROR_KINDS)("of %s happens only where the policy says so", (kind) => {
    const play = Play.of({ a: task() });
    play.fail("a", kind);
    expect(play.instance("a").status).toBe(RETRY.retryOn.includes(kind) ? "retrying" : "failed");
  });

  test("a rate_limit waits as long as it was asked to", () => {
    const play = Play.of({ a: task() });
    play.fail("a", "rate_limit", { retryAfterMs: 90_000 });
    expect(play.instance("a").retryAt).toBe(play.now + 90_000);
  });

  test("the step's policy goes before the workflow's, and that before the engine's", () => {
    const play = Play.of(
      { own: task([], { retry: { maximumAttempts: 1 } }), theirs: task() },
      { retry: { maximumAttempts: 2 } },
    );
    play.fail("own", "timeout");
    play.fail("theirs", "timeout");
    expect(play.statuses()).toEqual({ own: "failed", theirs: "retrying" });
    play.fail("theirs", "timeout");
    expect(play.statuses()).toEqual({ own: "failed", theirs: "failed" });
  });

  test("a final failure is not tried again, whatever its kind", () => {
    const play = Play.of({ a: task() });
    play.do({ type: "fail", token: play.lease("a"), failure: failureOf("timeout"), final: true });
    expect(play.instance("a").status).toBe("failed");
  });

  test("a step that could not begin has failed without an attempt", () => {
    const play = Play.of({ a: task() });
    play.do({ type: "refuse", instance: 0, failure: failureOf("timeout", { code: "SCHEDULE_TO_START" }) });
    expect(play.instance("a")).toMatchObject({ status: "failed", attempts: 0, error: { code: "SCHEDULE_TO_START" } });
  });
});

describe("an error handler", () => {
  test("is asked when retries are used up, not before", () => {
    const play = Play.of({ a: task([], { retry: { maximumAttempts: 2 }, onError: { timeout: HANDLER } }) });
    play.fail("a", "timeout");
    expect([...play.asked.keys()]).toEqual(["offer 0"]);
    play.fail("a", "timeout");
    expect([...play.asked.keys()]).toEqual(["evaluate onError 0"]);
    expect(play.instance("a")).toMatchObject({ status: "waiting", error: { kind: "timeout" } });
    play.handle("a", "skip");
    expect(play.statuses()).toEqual({ a: "handled" });
  });

  test("is asked at once for a kind that is not retried", () => {
    const play = Play.of({ a: task([], { onError: { validation_error: HANDLER } }) });
    play.fail("a", "validation_error");
    expect([...play.asked.keys()]).toEqual(["evaluate onError 0"]);
  });

  test("of the step goes before the workflow's; other kinds have none", () => {
    const play = Play.of(
      { own: task([], { onError: { validation_error: "fail" } }), theirs: task(), other: task() },
      { onError: { validation_error: "skip" } },
    );
    play.fail("own");
    play.fail("theirs");
    play.fail("other", "budget_exceeded");
    expect(play.statuses()).toEqual({ own: "failed", theirs: "handled", other: "failed" });
  });

  test("may grant another round at most three times", () => {
    const play = Play.of({ a: task([], { retry: { maximumAttempts: 2 }, onError: { timeout: HANDLER } }) });
    for (let round = 1; round <= 4; round++) {
      play.fail("a", "timeout");
      play.fail("a", "timeout");
      play.handle("a", "retry");
      expect(play.instance("a").status, `round ${round}`).toBe(round <= 3 ? "ready" : "failed");
    }
    expect(play.instance("a").attempts).toBe(8);
  });

  test("may name a fallback: the step is offered to that agent, and to it once", () => {
    const fallback = { id: "deputy" };
    const play = Play.of({ a: task([], { agent: { id: "chief" }, onError: { critical_error: { fallback } } }) });
    expect(play.asked.get("offer 0")).toMatchObject({ selector: { id: "chief" } });
    const { effects } = play.fail("a", "critical_error");
    expect(offerIn(effects)).toEqual({ type: "offer", instance: 0, at: play.now, selector: fallback });
    play.fail("a", "critical_error");
    expect(play.instance("a").status).toBe("failed");
  });

  test("that fails itself fails the step, and says so", () => {
    const play = Play.of({ a: task([], { onError: { validation_error: HANDLER } }) });
    play.fail("a");
    const failure = failureOf("agent_error", { message: "boom" });
    play.do({ type: "answer", instance: 0, answer: { role: "onError", failure } });
    expect(play.instance("a").error).toMatchObject({
      kind: "agent_error",
      message: "its error handler failed: boom",
      cause: { kind: "validation_error" },
    });
  });

  test("is asked about a condition and a choice that failed, too", () => {
    const play = Play.of({
      a: task([], { when: { code: "a.when" }, onError: { timeout: "skip" } }),
      b: { kind: "choose", by: { code: "b.by" }, branches: { x: { steps: {} } }, onError: { timeout: "skip" } },
    });
    for (const [instance, role] of [
      [0, "when"],
      [1, "by"],
    ] as const)
      play.do({ type: "answer", instance, answer: { role, failure: failureOf("timeout") } });
    expect(play.statuses()).toEqual({ a: "handled", b: "handled" });
  });
});

describe("a failure that nothing catches", () => {
  test("fails the run once everything else has ended", () => {
    const play = Play.of({ a: task(), other: task() });
    play.fail("a");
    expect(play.run.end).toBeUndefined();
    play.complete("other");
    expect(play.run).toMatchObject({ end: "failed", error: { kind: "validation_error", path: "a" } });
  });

  test("leaves the run completed in part under onFailure: partial", () => {
    const play = Play.of({ a: task(), other: task() }, { onFailure: "partial" });
    play.fail("a");
    play.complete("other");
    play.output();
    expect(play.run).toMatchObject({ end: "completed", partial: true, error: { path: "a" } });
  });

  test("cancels the rest under failFast; a caught one does not", () => {
    const steps = { a: task(), running: task(), waiting: task(), behind: task(["waiting"]) };
    const play = Play.of(steps, { failFast: true });
    const token = play.lease("running");
    const { effects } = play.fail("a");
    expect(effects).toContainEqual({ type: "abort", token, why: "cancel" });
    expect(play.statuses()).toEqual({ a: "failed", running: "running", waiting: "cancelled", behind: "cancelled" });
    play.do({ type: "stopped", token });
    expect(play.run).toMatchObject({ end: "failed", error: { path: "a" } });

    const caught = Play.of({ ...steps, report: task(["a"], { join: "settled" }) }, { failFast: true });
    caught.fail("a");
    expect(caught.run.stopping).toBeUndefined();
  });
});

describe("a critical_error", () => {
  test("fails the run at once, however deep it happens", () => {
    const play = Play.of({
      route: { kind: "choose", by: { code: "x.by" }, branches: { b: { steps: { x: task(), y: task() } } } },
      report: task(["route"], { join: "settled" }),
      other: task(),
    });
    play.choose("route", "b");
    const token = play.lease("other");
    play.fail("route:b/x", "critical_error");
    expect(play.statuses()).toMatchObject({ "route:b/y": "cancelled", route: "cancelled", report: "cancelled" });
    play.do({ type: "stopped", token });
    expect(play.run).toMatchObject({ end: "failed", error: { kind: "critical_error", path: "route:b/x" } });
  });

  test("is never caught by a join", () => {
    const play = Play.of({ a: task(), report: task(["a"], { join: "settled" }) });
    play.fail("a", "critical_error");
    expect(play.statuses()).toEqual({ a: "failed", report: "cancelled" });
    expect(play.run).toMatchObject({ end: "failed", error: { kind: "critical_error", path: "a" } });
  });

  test("stops a run that goes on after an earlier failure, whose error stays the first", () => {
    const play = Play.of({ a: task(), b: task(), c: task() });
    play.fail("a");
    play.fail("b", "critical_error");
    expect(play.statuses()).toEqual({ a: "failed", b: "failed", c: "cancelled" });
    expect(play.run).toMatchObject({ end: "failed", error: { kind: "validation_error", path: "a" } });
  });

  test("fails the run under onFailure: partial as well", () => {
    const play = Play.of({ a: task(), b: task() }, { onFailure: "partial" });
    play.fail("a", "critical_error");
    expect(play.run).toMatchObject({ end: "failed", partial: false });
  });
});
