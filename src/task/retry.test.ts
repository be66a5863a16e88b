import { expect, test } from "vitest";
import { DEFAULTS } from "../workflow/policy.ts";
import { retryWaitMs } from "./retry.ts";

const failure = { kind: "timeout", message: "late" } as const;

test("the wait is spread over everything under the ceiling", () => {
  expect(retryWaitMs(DEFAULTS.retry, failure, 1, 0)).toBe(1_000);
  expect(retryWaitMs(DEFAULTS.retry, failure, 1, 0.75)).toBe(250);
  expect(retryWaitMs({ ...DEFAULTS.retry, maximumAttempts: 99 }, failure, 20, 0)).toBe(60_000);
});

test("there is none when the attempts are used up or the kind is not retried", () => {
  expect(retryWaitMs(DEFAULTS.retry, failure, 3, 0)).toBeUndefined();
  expect(retryWaitMs(DEFAULTS.retry, { ...failure, kind: "validation_error" }, 1, 0)).toBeUndefined();
});

test("a rate limit is not asked again before it said", () => {
  expect(retryWaitMs(DEFAULTS.retry, { ...failure, kind: "rate_limit", retryAfterMs: 5_000 }, 1, 0)).toBe(5_000);
});
