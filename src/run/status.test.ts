import { expect, test } from "vitest";
import { Play, definitionOf, task } from "../testing/heart.ts";
import { RUN_STATUSES } from "./state.ts";
import { isEndedRun, statusOf } from "./status.ts";

test("a run is pending, then running while a step can go on, waiting while none can", () => {
  const play = new Play(definitionOf({ a: task() }));
  expect(statusOf(play.run)).toBe("pending");
  play.do({ type: "admit" });
  expect(statusOf(play.run)).toBe("running");
  play.lease("a");
  expect(statusOf(play.run)).toBe("running");
  play.fail("a", "timeout");
  expect(statusOf(play.run)).toBe("waiting");
  play.complete("a");
  expect(statusOf(play.run)).toBe("running");
  play.output();
  expect(statusOf(play.run)).toBe("completed");
});

test("a scope that is open does not make its run wait while a step inside can go on", () => {
  const branches = { b: { steps: { x: task() } } };
  const play = Play.of({ s: { kind: "choose", by: { code: "s.by" }, branches } });
  play.choose("s", "b");
  expect(statusOf(play.run)).toBe("running");
  play.lease("s:b/x");
  expect(statusOf(play.run)).toBe("running");
});

test("when several hold, the first of stranded, cancelling, paused says it; an end says it before all", () => {
  const play = Play.of({ a: task() });
  play.lease("a");
  play.do({ type: "pause" });
  expect(statusOf(play.run)).toBe("paused");
  play.do({ type: "strand", missing: ["a.run"] });
  expect(statusOf(play.run)).toBe("stranded");
  play.do({ type: "cancel" });
  expect(statusOf(play.run)).toBe("stranded");
  play.do({ type: "unstrand" });
  expect(statusOf(play.run)).toBe("cancelling");
  play.do({ type: "stopped", token: play.token("a") });
  expect(statusOf(play.run)).toBe("cancelled");
});

test("the ends are these, and the names of all statuses stay for ever: they lie in stores", () => {
  expect(RUN_STATUSES.filter(isEndedRun)).toEqual([
    "completed",
    "failed",
    "cancelled",
    "compensated",
    "compensation_failed",
  ]);
  expect(RUN_STATUSES).toEqual(
    expect.arrayContaining(
      "pending running waiting paused cancelling compensating stranded completed failed cancelled compensated compensation_failed".split(
        " ",
      ),
    ),
  );
  const instance = Object.keys(Play.of({}).run.tally);
  expect(instance).toEqual(
    expect.arrayContaining(
      "pending ready running retrying waiting unknown completed failed skipped cancelled".split(" "),
    ),
  );
});
