import { expect, test } from "vitest";
import { CATALOGUE } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { RUN_STATUSES } from "../run/state.ts";
import { exitOfError, exitOfSignal, exitOfStatus } from "./exit.ts";

test("every error of the catalogue has an exit code, and it is one of the documented", () => {
  for (const code of Object.keys(CATALOGUE) as ErrorCode[]) {
    expect([1, 3, 5, 6, 7, 10, 11], code).toContain(exitOfError(code));
  }
});

test("what scripts rely on", () => {
  const told = (["DEFINITION_INVALID", "RUN_UNKNOWN", "RUN_EXISTS", "STORE_LOCKED"] as const).map(exitOfError);
  expect(told).toEqual([3, 5, 6, 7]);
  expect([exitOfSignal("SIGINT"), exitOfSignal("SIGTERM")]).toEqual([130, 143]);
});

test("every status of a run has one", () => {
  expect(Object.fromEntries(RUN_STATUSES.map((status) => [status, exitOfStatus(status)]))).toEqual({
    completed: 0,
    failed: 10,
    compensated: 10,
    compensation_failed: 10,
    cancelled: 11,
    waiting: 12,
    paused: 12,
    stranded: 13,
    pending: 8,
    running: 8,
    cancelling: 8,
    compensating: 8,
  });
});
