import { expect, test } from "vitest";
import { criticalPath, shares, type StepTime } from "./times.ts";

const step = (
  id: string,
  agent: string | undefined,
  startedAt: number,
  endedAt: number,
  ...needs: string[]
): StepTime => ({
  id,
  agent,
  startedAt,
  endedAt,
  needs,
});

const run = [
  step("history", "historian", 0, 30),
  step("code", "surveyor", 0, 100),
  step("tests", "tester", 100, 110, "code"),
  step("evidence", undefined, 110, 112, "history", "code", "tests"),
];

test("the critical path is the chain that was waited for", () => {
  expect(criticalPath(run)).toEqual([
    { id: "code", ms: 100 },
    { id: "tests", ms: 10 },
    { id: "evidence", ms: 2 },
  ]);
});

test("a step that never began is on no path and took no time", () => {
  const skipped: StepTime = { id: "tests", agent: undefined, startedAt: undefined, endedAt: 5, needs: ["code"] };
  expect(criticalPath([skipped])).toEqual([]);
  expect(shares([skipped])).toEqual([]);
});

test("shares are of all working time, the largest first", () => {
  expect(shares(run)).toEqual([
    { agent: "surveyor", ms: 100, share: 100 / 142 },
    { agent: "historian", ms: 30, share: 30 / 142 },
    { agent: "tester", ms: 10, share: 10 / 142 },
    { agent: "(steps)", ms: 2, share: 2 / 142 },
  ]);
});
