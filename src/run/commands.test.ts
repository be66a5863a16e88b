/** Admission, pause, cancel, kill, expiry, and words that come too late (DESIGN 5.6, 5.9). */
import { describe, expect, test } from "vitest";
import { Play, definitionOf, refOf, task } from "../testing/heart.ts";
import type { Command } from "./commands.ts";

const TWO = { a: task(), b: task(["a"]) };

const refusal = (play: Play, command: Command): unknown => {
  const before = play.run;
  const answer = play.post(command);
  expect(play.run).toBe(before);
  return "refused" in answer ? answer.refused : undefined;
};

/** Taken, and nothing follows: what was asked for holds already. */
const isQuiet = (play: Play, command: Command): void =>
  expect(play.do(command)).toEqual({ run: play.run, events: [], effects: [] });

describe("a run", () => {
  test("is pending until it is admitted, once", () => {
    const play = new Play(definitionOf(TWO));
    expect(play.statuses()).toEqual({ a: "pending", b: "pending" });
    expect(play.do({ type: "admit" }).effects).toEqual([
      { type: "offer", instance: 0, at: play.now, selector: undefined },
    ]);
    isQuiet(play, { type: "admit" });
  });

  test("without steps asks for its output at once", () => {
    expect([...Play.of({}).asked.keys()]).toEqual(["evaluate output -1"]);
  });

  test("whose output cannot be evaluated fails", () => {
    const play = Play.of({});
    const failure = { kind: "validation_error", message: "no" } as const;
    play.do({ type: "answer", instance: -1, answer: { role: "output", failure } });
    expect(play.run).toMatchObject({ end: "failed", error: failure });
  });

  test("notes who asked, and by which command", () => {
    const play = Play.of(TWO);
    const by = { actor: { type: "person", id: "ada" }, cause: "cmd_1" } as const;
    expect(play.do({ type: "pause", ...by }).events).toMatchObject([{ type: "run.paused", ...by }]);
    expect(play.do({ type: "resume" }).events[0]?.actor).toBeUndefined();
  });

  test("carries variables that a command replaces", () => {
    const play = Play.of(TWO);
    play.do({ type: "variables", variables: refOf({ level: 2 }) });
    expect(play.run.variables).toEqual(refOf({ level: 2 }));
  });
});

describe("a step", () => {
  test("begins only when its condition has said yes", () => {
    const play = Play.of({ a: task([], { when: { code: "a.when" } }) });
    expect(refusal(play, { type: "lease", instance: 0 })).toBe("RUN_STATE");
    play.when("a", true);
    expect(refusal(play, { type: "answer", instance: 0, answer: { role: "when", value: false } })).toBe("RUN_STATE");
    play.complete("a");
  });

  test("takes no answer that it does not wait for", () => {
    const play = Play.of(TWO);
    for (const answer of [
      { role: "when", value: false },
      { role: "by", branch: "x" },
      { role: "onError", choice: "skip" },
      { role: "output", output: refOf(1) },
    ] as const)
      for (const instance of [-1, 0, 1, 2])
        expect(refusal(play, { type: "answer", instance, answer })).toBe("RUN_STATE");
  });

  test("records what its attempt was started with, before it runs", () => {
    const play = Play.of({ a: task([], { undo: { code: "a.undo" } }) });
    const { events, effects } = play.do({ type: "lease", instance: 0, agent: "x", why: "least load", inputHash: "h" });
    expect(events).toMatchObject([
      {
        type: "step.started",
        path: "a",
        attempt: 1,
        epoch: 1,
        data: { agent: "x", why: "least load", inputHash: "h", undo: true },
      },
    ]);
    expect(effects).toEqual([{ type: "execute", instance: 0, attempt: 1, epoch: 1 }]);
    expect(refusal(play, { type: "lease", instance: 0 })).toBe("RUN_STATE");
  });
});

describe("a late word is refused as STALE_ATTEMPT", () => {
  test("from an attempt that was lost while another runs", () => {
    const play = Play.of(TWO);
    const old = play.lease("a");
    play.do({ type: "recover" });
    play.lease("a");
    for (const type of ["complete", "fail", "stopped", "release"] as const) {
      const failure = { kind: "timeout", message: "" } as const;
      const command = { type, token: old, output: refOf(1), failure, reason: "lost" } as const;
      expect(refusal(play, command as Command)).toBe("STALE_ATTEMPT");
    }
    play.complete("a");
  });

  test("from one that has ended, with the outcome that won", () => {
    const play = Play.of(TWO);
    const token = play.lease("a");
    play.complete("a");
    expect(play.post({ type: "complete", token, output: refOf(2) })).toEqual({
      refused: "STALE_ATTEMPT",
      data: { run: "run_1", path: "a", attempt: 1, epoch: 1, status: "completed" },
    });
  });

  test("from a run that has ended, or about a step that never was", () => {
    const play = Play.of(TWO);
    const token = play.lease("a");
    for (const instance of [-1, 2, 99])
      expect(refusal(play, { type: "complete", token: { ...token, instance }, output: refOf(1) })).toBe(
        "STALE_ATTEMPT",
      );
    play.do({ type: "kill" });
    expect(refusal(play, { type: "complete", token, output: refOf(1) })).toBe("STALE_ATTEMPT");
  });
});

describe("pause", () => {
  test("starts nothing new, lets running attempts end, and forgets nothing", () => {
    const play = Play.of({ ...TWO, c: task() });
    play.lease("a");
    expect(play.do({ type: "pause" }).effects).toEqual([{ type: "hold" }]);
    isQuiet(play, { type: "pause" });
    expect(refusal(play, { type: "lease", instance: play.instance("c").index })).toBe("RUN_STATE");
    play.complete("a");
    expect([...play.asked.keys()].sort()).toEqual(["offer 1", "offer 2"]);
    expect(play.do({ type: "resume" }).effects).toEqual([{ type: "unhold" }]);
    isQuiet(play, { type: "resume" });
    play.complete("b");
    play.complete("c");
    play.output();
    expect(play.run.end).toBe("completed");
  });

  test("is refused once the run is stopping", () => {
    const play = Play.of(TWO);
    play.lease("a");
    play.do({ type: "cancel" });
    expect(refusal(play, { type: "pause" })).toBe("RUN_STATE");
  });
});

describe("a stranded run", () => {
  test("asks for nothing and starts nothing until its code is there and it is recovered", () => {
    const play = Play.of({ ...TWO, c: task() });
    play.lease("c");
    expect(play.do({ type: "strand", missing: ["a.run"] }).effects).toEqual([{ type: "hold" }]);
    isQuiet(play, { type: "strand", missing: ["a.run"] });
    expect(refusal(play, { type: "lease", instance: 0 })).toBe("RUN_STATE");
    expect(play.do({ type: "recover" }).effects).toEqual([]);
    expect(play.do({ type: "unstrand" }).effects).toEqual([{ type: "unhold" }]);
    isQuiet(play, { type: "unstrand" });
    expect(play.do({ type: "recover" }).effects.map(({ type }) => type)).toEqual(["offer", "offer"]);
  });

  test("that is paused as well stays held until both are over", () => {
    const play = Play.of(TWO);
    play.do({ type: "strand", missing: ["a.run"] });
    play.do({ type: "pause" });
    expect(play.do({ type: "unstrand" }).effects).toEqual([]);
    play.do({ type: "strand", missing: ["a.run"] });
    expect(play.do({ type: "resume" }).effects).toEqual([]);
    expect(play.do({ type: "unstrand" }).effects).toEqual([{ type: "unhold" }]);
  });
});

describe("cancel", () => {
  test("tells running attempts to stop, ends the rest, and the run when the last has stopped", () => {
    const play = Play.of({ ...TWO, c: task(), d: task() });
    const [a, c] = [play.lease("a"), play.lease("c")];
    const { effects } = play.do({ type: "cancel", reason: "enough" });
    expect(effects).toEqual([
      { type: "abort", token: a, why: "cancel" },
      { type: "abort", token: c, why: "cancel" },
      { type: "hold" },
    ]);
    isQuiet(play, { type: "cancel" });
    expect(play.statuses()).toEqual({ a: "running", b: "cancelled", c: "running", d: "cancelled" });
    play.do({ type: "stopped", token: a });
    expect(play.do({ type: "stopped", token: c, abandoned: true }).effects).toEqual([{ type: "ended" }]);
    expect(play.instance("c")).toMatchObject({ status: "cancelled", abandoned: true });
    expect(play.run).toMatchObject({ end: "cancelled", inconsistent: false, stopping: { reason: "enough" } });
    isQuiet(play, { type: "cancel" });
  });

  test("against complete: whichever commits first", () => {
    const first = Play.of(TWO);
    first.complete("a");
    first.complete("b");
    first.output();
    expect(refusal(first, { type: "cancel" })).toBe("RUN_ENDED");
    expect(first.run.end).toBe("completed");

    const second = Play.of(TWO);
    second.lease("a");
    second.do({ type: "cancel" });
    second.complete("a");
    expect(second.statuses()).toEqual({ a: "completed", b: "cancelled" });
    expect(second.run.end).toBe("cancelled");
  });

  test("a failure while stopping is recorded, but nothing is tried again or handled", () => {
    const play = Play.of({ a: task([], { onError: { timeout: "retry" } }), b: task() });
    const b = play.lease("b");
    play.lease("a");
    play.do({ type: "cancel" });
    play.fail("a", "timeout");
    play.do({ type: "fail", token: b, failure: { kind: "cancelled", message: "told to" } });
    expect(play.statuses()).toEqual({ a: "failed", b: "cancelled" });
    expect(play.run.end).toBe("cancelled");
  });

  test("does not wait for a handler, of a step or of a scope", () => {
    const onError = { validation_error: { code: "x.onError" } };
    const play = Play.of({
      a: task([], { onError }),
      s: { kind: "choose", by: { code: "s.by" }, branches: { b: { steps: { x: task() } } }, onError },
    });
    play.fail("a");
    play.choose("s", "b");
    play.fail("s:b/x");
    expect([...play.asked.keys()].sort()).toEqual(["evaluate onError 0", "evaluate onError 1"]);
    play.do({ type: "cancel" });
    expect(play.run.end).toBe("cancelled");
  });

  test("of a run that has not begun, or only waits for its output, ends it at once", () => {
    const pending = new Play(definitionOf(TWO));
    pending.do({ type: "cancel" });
    const output = Play.of({});
    output.do({ type: "cancel" });
    expect([pending.run.end, output.run.end]).toEqual(["cancelled", "cancelled"]);
  });
});

describe("kill", () => {
  test("ends everything at once and flags the run inconsistent", () => {
    const play = Play.of({
      ...TWO,
      s: { kind: "choose", by: { code: "s.by" }, branches: { b: { steps: { x: task(), y: task() } } } },
    });
    play.choose("s", "b");
    const token = play.lease("s:b/x");
    const { effects } = play.do({ type: "kill", reason: "stuck" });
    expect(effects).toEqual([{ type: "abort", token, why: "kill" }, { type: "hold" }, { type: "ended" }]);
    expect(new Set(Object.values(play.statuses()))).toEqual(new Set(["cancelled"]));
    expect(play.run).toMatchObject({ end: "cancelled", inconsistent: true });
    expect(refusal(play, { type: "kill" })).toBe("RUN_ENDED");
  });

  test("ends a cancelled run that will not stop", () => {
    const play = Play.of(TWO);
    play.lease("a");
    play.do({ type: "cancel", reason: "enough" });
    play.do({ type: "kill" });
    expect(play.run).toMatchObject({ end: "cancelled", inconsistent: true });
  });
});

test("a run past its time limit fails with timeout when what runs has stopped", () => {
  const play = Play.of(TWO);
  const token = play.lease("a");
  expect(play.do({ type: "expire" }).effects).toContainEqual({ type: "abort", token, why: "timeout" });
  isQuiet(play, { type: "expire" });
  play.do({ type: "stopped", token });
  expect(play.run).toMatchObject({ end: "failed", error: { kind: "timeout" } });
});
