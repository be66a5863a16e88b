/** What a join makes of how its needs ended (DESIGN 3.4). */
import { describe, expect, test } from "vitest";
import { Play, task } from "../testing/heart.ts";
import type { ChooseStep } from "../workflow/definition.ts";
import { seenNeeds } from "./instance.ts";

const WHEN = { when: { code: "x.when" } };
const SKIPS = { onError: { validation_error: "skip" } } as const;

function choose(branches: ChooseStep["branches"], extra: Partial<ChooseStep> = {}): ChooseStep {
  return { kind: "choose", by: { code: "x.by" }, branches, ...extra };
}

describe("all", () => {
  test("a step runs when all it needs have completed", () => {
    const play = Play.of({ a: task(), b: task(), c: task(["a", "b"]) });
    play.complete("a");
    expect(play.statuses()).toEqual({ a: "completed", b: "ready", c: "pending" });
    play.complete("b");
    play.complete("c");
    expect([...play.asked.keys()]).toEqual(["evaluate output -1"]);
    play.output();
    expect(play.run).toMatchObject({ end: "completed", partial: false, error: undefined });
  });

  test("a dead path ends at the first join with a live need", () => {
    const play = Play.of({
      a: task([], WHEN),
      live: task(),
      dead: task(["a"]),
      deader: task(["dead"]),
      join: task(["deader", "live"]),
    });
    play.complete("live");
    play.when("a", false);
    const [a, dead, deader] = ["not_taken", "not_taken", "not_taken"];
    expect(play.statuses()).toEqual({ a, dead, deader, live: "completed", join: "ready" });
  });

  test("a failed need wins over a cancelled one, a cancelled one over those that were not taken", () => {
    const play = Play.of({
      not: task([], WHEN),
      stopped: task(),
      failing: task(),
      one: task(["not", "stopped"]),
      two: task(["not", "stopped", "failing"]),
      three: task(["one", "two"]),
    });
    play.when("not", false);
    play.do({ type: "stopped", token: play.lease("stopped") });
    play.fail("failing");
    expect(play.statuses()).toMatchObject({
      one: "upstream_cancelled",
      two: "upstream_failed",
      three: "upstream_failed",
    });
    expect(play.run).toMatchObject({ end: "failed", error: { path: "failing" } });
  });

  test("a failed need ends the wait for the others at once", () => {
    const play = Play.of({ a: task(), slow: task(), c: task(["a", "slow"]) });
    play.fail("a");
    expect(play.statuses()).toEqual({ a: "failed", slow: "ready", c: "upstream_failed" });
    expect(play.run.end).toBeUndefined();
  });

  test("a need that a handler skipped is resolved, with no value", () => {
    const play = Play.of({ a: task([], SKIPS), b: task(["a"]) });
    play.fail("a");
    expect(play.statuses()).toEqual({ a: "handled", b: "ready" });
    play.complete("b");
    play.output();
    expect(play.run).toMatchObject({ end: "completed", error: undefined });
  });
});

describe("settled", () => {
  test("a step runs when all its needs have ended, however", () => {
    const play = Play.of({
      done: task(),
      not: task([], WHEN),
      failing: task(),
      skipped: task(["failing"]),
      report: task(["done", "not", "failing", "skipped"], { join: "settled" }),
    });
    play.when("not", false);
    play.fail("failing");
    expect(play.instance("report").status).toBe("pending");
    play.complete("done");
    expect(play.statuses()).toMatchObject({ skipped: "upstream_failed", report: "ready" });
  });

  test("catches the failures of what it joins, unless something joins them by all as well", () => {
    const caught = Play.of({ a: task(), report: task(["a"], { join: "settled" }) });
    caught.fail("a");
    caught.complete("report");
    caught.output();
    expect(caught.run).toMatchObject({ end: "completed", partial: false, error: undefined });

    const both = Play.of({ a: task(), b: task(["a"]), report: task(["a", "b"], { join: "settled" }) });
    both.fail("a");
    both.complete("report");
    expect(both.run).toMatchObject({ end: "failed", error: { kind: "validation_error", path: "a" } });
  });
});

describe("any and quorum", () => {
  const three = { a: task(), b: task(), c: task() };

  test("a step runs at the n-th completed need; the others go on", () => {
    const play = Play.of({ ...three, join: task(["a", "b", "c"], { join: { quorum: 2 } }) });
    play.fail("b");
    play.complete("c");
    expect(play.instance("join").status).toBe("pending");
    play.lease("a");
    play.complete("a");
    expect(play.instance("join").status).toBe("ready");
  });

  test("sees only the first n completed, in the order they completed", () => {
    const play = Play.of({ ...three, join: task(["a", "b", "c"], { join: { quorum: 2 } }) });
    for (const path of ["c", "a", "b"]) play.complete(path);
    expect(seenNeeds(play.run, play.instance("join")).map(({ path }) => path)).toEqual(["c", "a"]);
  });

  test("a step whose quorum is out of reach is skipped as upstream_failed", () => {
    const play = Play.of({ ...three, join: task(["a", "b", "c"], { join: { quorum: 2 } }) });
    play.fail("a");
    play.do({ type: "stopped", token: play.lease("c") });
    expect(play.statuses()).toMatchObject({ b: "ready", join: "upstream_failed" });
  });

  test("a path on which nothing at all was taken stays a dead path", () => {
    const play = Play.of({ a: task([], WHEN), b: task([], WHEN), join: task(["a", "b"], { join: "any" }) });
    play.when("a", false);
    play.when("b", false);
    expect(play.statuses()).toEqual({ a: "not_taken", b: "not_taken", join: "not_taken" });
  });

  test("a race stops its losers: the waiting at once, the running by an abort, a scope with all inside it", () => {
    const play = Play.of({
      fast: task(),
      waiting: task(),
      running: task(),
      scope: choose({ only: { steps: { in1: task(), in2: task(["in1"]), in3: task(["in2"], { join: "settled" }) } } }),
      race: task(["fast", "waiting", "running", "scope"], { join: "any", rest: "cancel" }),
    });
    const token = play.lease("running");
    play.choose("scope", "only");
    const inner = play.lease("scope:only/in1");
    const { effects } = play.complete("fast");
    expect(effects.filter(({ type }) => type === "abort")).toEqual([
      { type: "abort", token, why: "cancel" },
      { type: "abort", token: inner, why: "cancel" },
    ]);
    expect(play.statuses()).toMatchObject({
      waiting: "cancelled",
      running: "running",
      scope: "waiting",
      race: "ready",
    });
    expect([...play.asked.keys()].filter((key) => key.startsWith("offer"))).toEqual([
      `offer ${play.instance("race").index}`,
    ]);
    play.do({ type: "stopped", token: inner });
    expect(play.statuses()).toMatchObject({
      scope: "cancelled",
      "scope:only/in1": "cancelled",
      "scope:only/in2": "cancelled",
      "scope:only/in3": "cancelled",
    });
    play.do({ type: "stopped", token });
    play.complete("race");
    play.output();
    expect(play.run.end).toBe("completed");
  });

  test("a loser that was told to stop does not begin again after a crash, nor when it fails", () => {
    const losers = (): Play => {
      const play = Play.of({ a: task(), b: task(), race: task(["a", "b"], { join: "any", rest: "cancel" }) });
      play.lease("b");
      play.complete("a");
      return play;
    };
    const crashed = losers();
    crashed.do({ type: "recover" });
    expect(crashed.instance("b").status).toBe("cancelled");
    const failed = losers();
    failed.fail("b", "timeout");
    expect(failed.instance("b").status).toBe("failed");
    expect(failed.run.error).toBeUndefined();
  });

  test("a race that was itself cancelled stops nobody when a need of it completes later", () => {
    const play = Play.of({
      first: task(),
      a: task(),
      b: task(),
      inner: task(["a", "b"], { join: "any", rest: "cancel" }),
      outer: task(["first", "inner"], { join: "any", rest: "cancel" }),
    });
    play.lease("b");
    play.complete("first");
    expect(play.statuses()).toMatchObject({ inner: "cancelled", outer: "ready", a: "ready", b: "running" });
    play.complete("a");
    play.do({ type: "recover" });
    expect(play.statuses()).toMatchObject({ b: "ready" });
  });
});

describe("a scope", () => {
  const branches = { yes: { steps: { x: task(), y: task(["x"]) } }, no: { steps: {} } };

  test("opens into the branch that was chosen, and completes with its evaluated output", () => {
    const play = Play.of({ route: choose(branches), after: task(["route"]) });
    play.choose("route", "yes");
    expect(play.statuses()).toEqual({
      route: "waiting",
      after: "pending",
      "route:yes/x": "ready",
      "route:yes/y": "pending",
    });
    play.complete("route:yes/x");
    play.complete("route:yes/y");
    expect([...play.asked.keys()]).toEqual(["evaluate output 0"]);
    play.output("route", { branch: "yes", output: 1 });
    expect(play.instance("route")).toMatchObject({
      status: "completed",
      output: { json: `{"branch":"yes","output":1}` },
    });
    expect(play.instance("after").status).toBe("ready");
  });

  test("that opens into an empty branch asks for its output at once", () => {
    const play = Play.of({ route: choose(branches) });
    play.choose("route", "no");
    expect([...play.asked.keys()]).toEqual(["evaluate output 0"]);
  });

  test("with an unknown branch is a validation_error", () => {
    const play = Play.of({ route: choose(branches) });
    play.choose("route", "maybe");
    expect(play.instance("route").error).toEqual({
      kind: "validation_error",
      message: 'chose "maybe"; its branches are no, yes',
    });
    expect(play.run.end).toBe("failed");
  });

  test("fails as its first uncaught failure, which keeps the path it came from", () => {
    const play = Play.of({ route: choose(branches), after: task(["route"], { join: "settled" }) });
    play.choose("route", "yes");
    play.fail("route:yes/x", "budget_exceeded");
    expect(play.statuses()).toMatchObject({ route: "failed", "route:yes/y": "upstream_failed", after: "ready" });
    expect(play.instance("route").error).toMatchObject({ kind: "budget_exceeded", path: "route:yes/x" });
    expect(play.run.error).toBeUndefined();
  });

  test("asks its own handler about what failed inside; once open it is not opened again", () => {
    const handled = Play.of({ route: choose(branches, SKIPS) });
    handled.choose("route", "yes");
    handled.fail("route:yes/x");
    expect(handled.statuses()).toMatchObject({ route: "handled" });

    const retried = Play.of({ route: choose(branches, { onError: { validation_error: "retry" } }) });
    retried.choose("route", "yes");
    retried.fail("route:yes/x");
    expect(retried.statuses()).toMatchObject({ route: "failed" });
  });
});
