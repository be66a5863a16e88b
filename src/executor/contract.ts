/** What every executor owes the engine, as tests. An adapter's own test makes the agents below and calls this. */
import assert from "node:assert/strict";
import { TaskError } from "../errors.ts";
import type { LogLine } from "../task/log.ts";
import type { Attempt, Executor, Outcome } from "./port.ts";

/**
 * Agents the adapter provides:
 * - `echo` answers `{ "input": <its input>, "key": <its idempotency key> }`, and spoils its copy of the input if it can;
 * - `fail` fails, with `it broke` in its message;
 * - `large` answers a text of 5,000 characters;
 * - `wait` logs `waiting` and ends only when it is told to stop;
 * - `talk` logs `hello`, reports progress 0.5 with the note `half`, answers `null`.
 */
export type ContractAgent = "echo" | "fail" | "large" | "wait" | "talk";

/** The test runner's own functions. */
export interface Runner {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>): void;
}

export interface ContractSkips {
  /** Why agents of this kind cannot report progress. */
  readonly progress?: string;
}

export function describeExecutor(
  name: string,
  make: (agent: ContractAgent) => Executor,
  { describe, test }: Runner,
  skips: ContractSkips = {},
): void {
  describe(`${name} executor`, () => {
    test("a result is the JSON text of what the agent answered", async () => {
      const outcome = await make("echo").execute(attemptFor({ input: '{"a":[1,"é",null]}' }).attempt);
      assert.deepEqual(answer(outcome)["input"], { a: [1, "é", null] });
    });

    test("a failure of the agent is an outcome, never a throw", async () => {
      const failure = failureOf(await make("fail").execute(attemptFor().attempt));
      assert.equal(failure.kind, "agent_error");
      assert.match(failure.message, /it broke/);
    });

    test("every attempt sees its input as it was given", async () => {
      const executor = make("echo");
      const { attempt } = attemptFor({ input: '{"n":1}' });
      for (let i = 0; i < 2; i++) assert.deepEqual(answer(await executor.execute(attempt))["input"], { n: 1 });
    });

    test("the idempotency key reaches the agent", async () => {
      const outcome = await make("echo").execute(attemptFor({ idempotencyKey: "key-7" }).attempt);
      assert.equal(answer(outcome)["key"], "key-7");
    });

    test("a result over maxResultBytes is refused, one of that size is taken", async () => {
      const failure = failureOf(await make("large").execute(attemptFor({ maxResultBytes: 5_001 }).attempt));
      assert.deepEqual([failure.kind, failure.code], ["validation_error", "RESULT_TOO_LARGE"]);
      assert.equal((await make("large").execute(attemptFor({ maxResultBytes: 5_002 }).attempt)).ok, true);
    });

    test("an aborted attempt acknowledges: it ends as cancelled", async () => {
      const { attempt, abort, logged } = attemptFor();
      const outcome = make("wait").execute(attempt);
      await logged("waiting");
      abort(new Error("not needed any more"));
      assert.equal(failureOf(await outcome).kind, "cancelled");
    });

    test("an abort that says why gives its kind to the failure", async () => {
      const { attempt, abort, logged } = attemptFor();
      const outcome = make("wait").execute(attempt);
      await logged("waiting");
      abort(new TaskError("timeout", "it took too long"));
      assert.equal(failureOf(await outcome).kind, "timeout");
    });

    test("what the agent logs arrives before its outcome, line by line", async () => {
      const { attempt, lines } = attemptFor();
      assert.deepEqual(await make("talk").execute(attempt), { ok: true, json: "null" });
      assert.deepEqual(lines, [{ level: "info", text: "hello" }]);
    });

    if (skips.progress === undefined)
      test("progress and its note arrive", async () => {
        const { attempt, progress } = attemptFor();
        await make("talk").execute(attempt);
        assert.deepEqual(progress, [{ ratio: 0.5, note: "half" }]);
      });
  });
}

interface Recorded {
  readonly attempt: Attempt;
  readonly lines: { level: LogLine["level"]; text: string }[];
  readonly progress: { ratio: number; note: string | undefined }[];
  abort(reason: unknown): void;
  /** Resolves when this line is logged. */
  logged(text: string): Promise<void>;
}

/** An attempt that remembers what the agent said. */
export function attemptFor(given: Partial<Attempt> = {}): Recorded {
  const controller = new AbortController();
  const lines: Recorded["lines"] = [];
  const progress: Recorded["progress"] = [];
  const waiting = new Map<string, () => void>();
  return {
    lines,
    progress,
    abort: (reason) => controller.abort(reason),
    logged: (text) =>
      lines.some((line) => line.text === text)
        ? Promise.resolve()
        : new Promise((resolve) => waiting.set(text, resolve)),
    attempt: {
      runId: "run_contract",
      path: "step",
      attempt: 1,
      epoch: 1,
      idempotencyKey: "key",
      input: "null",
      maxResultBytes: 1024 * 1024,
      signal: controller.signal,
      progress: (ratio, note) => void progress.push({ ratio, note }),
      log: (level, text) => {
        lines.push({ level, text });
        waiting.get(text)?.();
      },
      ...given,
    },
  };
}

function answer(outcome: Outcome): Record<string, unknown> {
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return JSON.parse(outcome.json) as Record<string, unknown>;
}

/** The failure of an outcome that must be one. */
export function failureOf(outcome: Outcome): Extract<Outcome, { ok: false }>["failure"] {
  assert.ok(!outcome.ok, "the attempt was to fail");
  return outcome.failure;
}
