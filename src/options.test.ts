import { expect, test } from "vitest";
import { TuttiError } from "./errors.ts";
import { resolveOptions } from "./options.ts";
import type { OrchestratorOptions } from "./options.ts";
import { DEFAULTS } from "./workflow/policy.ts";

const refused = (options: unknown): string => {
  try {
    resolveOptions(options as OrchestratorOptions);
  } catch (thrown) {
    if (thrown instanceof TuttiError) return thrown.message;
    throw thrown;
  }
  return "accepted";
};

test("without options everything is as the table of defaults says", () => {
  const { maxConcurrentRuns, maxConcurrentTasks, retry, timeout, runTimeoutMs, store } = resolveOptions({});
  const { retry: r, timeout: t } = DEFAULTS;
  expect({ maxConcurrentRuns, maxConcurrentTasks, retry, timeout, runTimeoutMs, store }).toEqual({
    maxConcurrentRuns: DEFAULTS.maxConcurrentRuns,
    maxConcurrentTasks: DEFAULTS.maxConcurrentTasks,
    retry: r,
    timeout: t,
    runTimeoutMs: DEFAULTS.runTimeoutMs,
    store: ".tutti/tutti.db",
  });
});

test("durations are written as texts or ms; one attempt at a time is a limit of one", () => {
  const { runTimeoutMs, shutdownGraceMs, retry, timeout, maxConcurrentTasks } = resolveOptions({
    runTimeout: "1h",
    shutdownGrace: 250,
    retry: { max_attempts: 7 },
    timeout: "2s",
    enableParallelExecution: false,
    maxConcurrentTasks: 9,
  });
  expect([runTimeoutMs, shutdownGraceMs, maxConcurrentTasks]).toEqual([3_600_000, 250, 1]);
  expect([retry.maximumAttempts, timeout.startToCloseMs]).toEqual([7, 2_000]);
});

test("every problem is told at once, with its path and the option that was probably meant", () => {
  const message = refused({
    stoer: "x",
    agents: [{}],
    maxConcurrentTasks: 0,
    runTimeout: "soon",
    maxResultBytes: 1e12,
    retry: { maximumAttemps: 2 },
    report: "loud",
  });
  for (const part of [
    "$.stoer: no such key. Did you mean store?",
    "$.agents[0]: expected what agent() returns",
    "$.maxConcurrentTasks: expected a whole number from 1",
    '$.runTimeout: expected a duration such as 500ms, 5m or 1h, not "soon"',
    "$.maxResultBytes: expected a whole number from 1 to 104857600",
    "$.retry.maximumAttemps: no such option. Did you mean maximumAttempts?",
    '$.report: expected a function, not "loud"',
  ])
    expect(message).toContain(part);
});

test.each([[null], ["options"], [[]]])("%j is no options", (options) => {
  expect(refused(options)).toMatch(/expected an object/);
});
