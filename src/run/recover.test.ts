/** What a crash of ours costs (DESIGN 5.3, 5.6), and runs from their rows. */
import { describe, expect, test } from "vitest";
import { Play, definitionOf, task } from "../testing/heart.ts";
import type { ChooseStep } from "../workflow/definition.ts";
import { headOf, recordOf } from "./records.ts";
import type { InstanceRecord } from "./records.ts";
import { restoreRun } from "./restore.ts";

describe("recover", () => {
  test("gives lost attempts back under a new epoch, which count as recoveries and not as attempts", () => {
    const play = Play.of({ a: task([], { retry: { maximumAttempts: 1 } }) });
    play.lease("a");
    const { events, effects } = play.do({ type: "recover" });
    expect(events).toMatchObject([{ type: "step.released", attempt: 1, epoch: 1, data: { reason: "lost" } }]);
    expect(effects).toMatchObject([{ type: "offer", instance: 0 }]);
    expect(play.instance("a")).toMatchObject({ status: "ready", attempts: 0, recoveries: 1 });
    expect(play.lease("a")).toEqual({ instance: 0, attempt: 1, epoch: 2 });
  });

  test("asks again for everything that was not answered, once, and starts nothing", () => {
    const onError = { validation_error: { code: "x.onError" } };
    const branches = { b: { steps: { x: task() } } };
    const play = Play.of({
      conditional: task([], { when: { code: "x.when" } }),
      done: task(),
      failing: task([], { onError }),
      inside: { kind: "choose", by: { code: "x.by" }, branches },
      open: { kind: "choose", by: { code: "x.by" }, branches: { b: { steps: {} } } },
      ready: task(),
      retrying: task(),
      route: { kind: "choose", by: { code: "x.by" }, branches },
      waiting: task(["ready"]),
    });
    play.complete("done");
    play.fail("failing");
    play.fail("retrying", "timeout");
    play.choose("inside", "b");
    play.choose("open", "b");
    const before = new Set(play.asked.keys());
    play.asked.clear();
    const { events } = play.do({ type: "recover" });
    expect(events).toEqual([]);
    expect(new Set(play.asked.keys())).toEqual(before);
    expect([...before].sort()).toEqual([
      "evaluate by 7",
      "evaluate onError 2",
      "evaluate output 4",
      "evaluate when 0",
      "offer 5",
      "offer 6",
      "offer 9",
    ]);
  });

  test("asks again for the output of a run in which everything has ended", () => {
    const play = Play.of({ a: task() });
    play.complete("a");
    expect(play.do({ type: "recover" }).effects).toEqual([{ type: "evaluate", instance: -1, role: "output" }]);
  });

  test("ends a run that was being cancelled: what ran is gone", () => {
    const play = Play.of({ a: task(), b: task() });
    play.lease("a");
    play.do({ type: "cancel" });
    play.do({ type: "recover" });
    expect(play.statuses()).toEqual({ a: "cancelled", b: "cancelled" });
    expect(play.run.end).toBe("cancelled");
  });

  test("does nothing to a run that has not begun, and is refused after its end", () => {
    const play = new Play(definitionOf({ a: task() }));
    expect(play.do({ type: "recover" })).toMatchObject({ events: [], effects: [] });
    play.do({ type: "cancel" });
    expect(play.post({ type: "recover" })).toMatchObject({ refused: "RUN_ENDED" });
  });
});

describe("a step during which we die again and again", () => {
  const lose = (play: Play, times: number): void => {
    for (let i = 0; i < times; i++) {
      play.lease("a");
      play.do({ type: "recover" });
    }
  };

  test("is given up as poison after maxRecoveries", () => {
    const play = Play.of({ a: task() }, {}, { maxRecoveries: 3 });
    lose(play, 3);
    expect(play.instance("a").status).toBe("ready");
    lose(play, 1);
    expect(play.instance("a")).toMatchObject({ status: "failed", error: { kind: "agent_error", code: "POISON" } });
    expect(play.instance("a").error?.message).toContain("4 attempts");
  });

  test("asks its handler first; what follows is offered once", () => {
    const onError = { agent_error: { code: "a.onError" } };
    const play = Play.of(
      { a: task([], { onError }), after: task(["a"], { join: "settled" }) },
      {},
      { maxRecoveries: 0 },
    );
    lose(play, 1);
    expect([...play.asked.keys()]).toEqual(["evaluate onError 0"]);
    play.handle("a", "retry");
    play.do({ type: "release", token: play.lease("a"), reason: "shutdown" });
    expect(play.instance("a")).toMatchObject({ status: "ready", recoveries: 1 });

    const plain = Play.of({ a: task(), after: task(["a"], { join: "settled" }) }, {}, { maxRecoveries: 0 });
    plain.lease("a");
    expect(plain.do({ type: "recover" }).effects).toMatchObject([{ type: "offer", instance: 1 }]);
  });

  test("a scope that several of them lie in is given up once", () => {
    const by = { code: "x.by" };
    const onError = { agent_error: { code: "a.onError" } };
    const c: ChooseStep = { kind: "choose", by, branches: { z: { steps: { z: task() } } } };
    const a: ChooseStep = { kind: "choose", by, branches: { x: { steps: { x: task(), c } } }, onError };
    const b: ChooseStep = { kind: "choose", by, branches: { y: { steps: { y: task() } } } };
    const play = Play.of({ a, b }, {}, { maxRecoveries: 0 });
    for (const [path, branch] of [
      ["a", "x"],
      ["b", "y"],
      ["a:x/c", "z"],
    ] as const)
      play.choose(path, branch);
    for (const path of ["a:x/x", "b:y/y", "a:x/c:z/z"]) play.lease(path);
    const { events } = play.do({ type: "recover" });
    expect(events.filter(({ type }) => type === "step.errored").map(({ path }) => path)).toEqual(["a"]);
    expect(play.statuses()).toMatchObject({ a: "waiting", b: "failed", "a:x/c": "failed" });
  });

  test("a hand-back at shutdown counts neither as an attempt nor as a recovery", () => {
    const play = Play.of({ a: task() }, {}, { maxRecoveries: 0 });
    for (let i = 0; i < 5; i++) play.do({ type: "release", token: play.lease("a"), reason: "shutdown" });
    expect(play.instance("a")).toMatchObject({ status: "ready", attempts: 0, recoveries: 0, epoch: 5 });
  });
});

describe("rows that cannot be are refused", () => {
  const branches = { b: { steps: { x: task() } } };
  const play = Play.of({ a: task(), s: { kind: "choose", by: { code: "s.by" }, branches } });
  play.choose("s", "b");
  play.complete("a");
  const records = Array.from(play.run.instances, recordOf);
  const restored = (change: (record: InstanceRecord) => InstanceRecord): unknown =>
    restoreRun(headOf(play.run), JSON.parse(JSON.stringify(records.map(change))), play.pinned).seq;

  test("good ones are not", () => {
    expect(restored((record) => record)).toBe(play.run.seq);
  });

  test.each<[string, RegExp, (record: InstanceRecord) => InstanceRecord]>([
    ["a path that is another's", /row says b/, (record) => (record.path === "a" ? { ...record, path: "b" } : record)],
    ["a number that is nowhere", /is nowhere/, (record) => (record.path === "a" ? { ...record, index: 9 } : record)],
    [
      "a branch that is not there",
      /cannot have opened so/,
      (r) => (r.opened ? { ...r, opened: { ...r.opened, branch: "c" } } : r),
    ],
    [
      "a branch at the wrong place",
      /cannot have opened so/,
      (r) => (r.opened ? { ...r, opened: { ...r.opened, first: 5 } } : r),
    ],
  ])("%s", (_, problem, change) => {
    expect(() => restored(change)).toThrow(problem);
  });
});
