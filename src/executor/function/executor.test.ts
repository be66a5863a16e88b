import { describe, expect, test } from "vitest";
import type { Context } from "../../agent/context.ts";
import { TaskError } from "../../errors.ts";
import { verifies } from "../../../test/verifies.ts";
import { attemptFor, describeExecutor, failureOf, type ContractAgent } from "../contract.ts";
import { functionExecutor } from "./executor.ts";

type Run = Parameters<typeof functionExecutor>[0];

const AGENTS: Readonly<Record<ContractAgent, Run>> = {
  echo: (input: { n: number } | null, { idempotencyKey }: Context) => {
    const answer = structuredClone({ input, key: idempotencyKey });
    if (input) input.n = 99;
    return answer;
  },
  fail: () => {
    throw new Error("it broke");
  },
  large: () => "x".repeat(5_000),
  wait: (_input: unknown, { signal, log }: Context) => {
    const stopped = new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("ok"))));
    log.info("waiting");
    return stopped;
  },
  talk: async (_input: unknown, { log, progress }: Context) => {
    log.info("hello");
    progress(0.5, "half");
    await Promise.resolve();
    return null;
  },
};

describeExecutor("function", (agent) => functionExecutor(AGENTS[agent]), { describe, test });

const run = (fn: Run, given: Parameters<typeof attemptFor>[0] = {}) =>
  functionExecutor(fn).execute(attemptFor(given).attempt);
const cycle: Record<string, unknown> = { a: 1 };
cycle["self"] = { list: [cycle] };
const deep = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as unknown;

describe("what a function may return", () => {
  test.each([
    ["undefined", undefined, "null"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["a member that is undefined", { a: undefined, b: 1 }, '{"b":1}'],
    ["__proto__ as a name", JSON.parse('{"__proto__":{"polluted":true}}'), '{"__proto__":{"polluted":true}}'],
    ["5 MB", "x".repeat(5_000_000), JSON.stringify("x".repeat(5_000_000))],
  ])("%s is stored as JSON", (_what, value, json) => {
    expect(run(() => value, { maxResultBytes: 16 << 20 })).toEqual({ ok: true, json });
  });

  test.each([
    ["a function", { f: () => 1 }, "$.f: a function"],
    ["a symbol", [Symbol("s")], "$[0]: a symbol"],
    ["a cycle", cycle, "$.self.list[0]: a cycle"],
    ["a BigInt", { n: [1n] }, "$.n[0]: a BigInt"],
    ["not a number", { ratio: Number.NaN }, "$.ratio: NaN"],
    ["a lone surrogate", { text: "\ud800" }, "$.text: a string with a lone surrogate"],
    ["nesting of 100,000", deep(100_000), ": nesting over 64"],
    ["a toJSON that throws", { toJSON: () => JSON.parse("{") as unknown }, "$: could not be read"],
  ])("%s is a validation error that names the place", verifies("001-F126"), (_what, value, message) => {
    const failure = failureOf(run(() => value) as Awaited<ReturnType<typeof run>>);
    expect(failure).toMatchObject({ kind: "validation_error", code: "RESULT_INVALID" });
    expect(failure.message).toContain(message);
  });

  test("200 MB is refused by its size in bytes", async () => {
    const outcome = await run(() => "é".repeat(100_000_000), { maxResultBytes: 16 << 20 });
    expect(failureOf(outcome)).toMatchObject({
      kind: "validation_error",
      code: "RESULT_TOO_LARGE",
      data: { size: 200_000_002, limit: 16 << 20 },
    });
  });

  test("a size between characters and bytes is measured in bytes", () => {
    expect(run(() => "é".repeat(10), { maxResultBytes: 22 })).toMatchObject({ ok: true });
    expect(run(() => "é".repeat(10), { maxResultBytes: 21 })).toMatchObject({ ok: false });
  });

  test("a later change of the returned object changes nothing", async () => {
    const shared = { n: 1 };
    const outcome = await run(() => shared);
    shared.n = 2;
    expect(outcome).toEqual({ ok: true, json: '{"n":1}' });
  });
});

describe("what a function may throw", () => {
  test.each([
    ["a string", "plain words", "plain words"],
    ["undefined", undefined, "undefined"],
    ["a BigInt", 1n, "cannot be shown"],
    ["an error", new TypeError("x is not a function"), "x is not a function"],
  ])("%s is an agent error, thrown or rejected with", async (_what, thrown, message) => {
    const outcomes = [
      await run(() => {
        throw thrown;
      }),
      await run(() => Promise.reject(thrown)),
    ];
    for (const outcome of outcomes) {
      expect(failureOf(outcome).kind).toBe("agent_error");
      expect(failureOf(outcome).message).toContain(message);
    }
  });

  test("a TaskError names its own kind, also after an abort", async () => {
    const { attempt, abort } = attemptFor();
    abort(new Error("stop"));
    const executor = functionExecutor(() => Promise.reject(new TaskError("rate_limit", "slow", { retryAfterMs: 9 })));
    expect(failureOf(await executor.execute(attempt))).toMatchObject({ kind: "rate_limit", retryAfterMs: 9 });
  });

  test("a result whose `then` throws is an agent error", async () => {
    const trap = Object.defineProperty({}, "then", {
      get: () => {
        throw new Error("trapped");
      },
    });
    expect(failureOf(await run(() => trap)).message).toBe("trapped");
  });
});

describe("a function and its attempt", () => {
  test("a synchronous function has its outcome without a promise", () => {
    expect(run(() => 1)).toEqual({ ok: true, json: "1" });
  });

  test("the signal is made only for a function that asks", async () => {
    let made = 0;
    const lazy = Object.defineProperty({ ...attemptFor().attempt }, "signal", {
      get: () => {
        made++;
        return new AbortController().signal;
      },
    });
    await functionExecutor(() => 1).execute(lazy);
    expect(made).toBe(0);
    await functionExecutor((_input: unknown, ctx) => ctx.signal.aborted).execute(lazy);
    expect(made).toBe(1);
  });

  test("a function that ends well after its abort has its result told", async () => {
    const { attempt, abort, logged } = attemptFor();
    const outcome = functionExecutor(async (_input: unknown, { signal, log }) => {
      const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve));
      log.info("waiting");
      await stopped;
      return "tidied";
    }).execute(attempt);
    await logged("waiting");
    abort(new Error("stop"));
    expect(await outcome).toEqual({ ok: true, json: '"tidied"' });
  });

  test("a function that never returns holds its own attempt and no other", async () => {
    const never = functionExecutor(() => new Promise(() => {})).execute(attemptFor().attempt);
    const other = run(async () => Promise.resolve(1));
    expect(await Promise.race([never, other])).toEqual({ ok: true, json: "1" });
  });

  test("it sees which attempt of what it is", async () => {
    const outcome = await run((_input: unknown, { runId, path, attempt }) => ({ runId, path, attempt }), {
      attempt: 3,
    });
    expect(outcome).toEqual({ ok: true, json: '{"runId":"run_contract","path":"step","attempt":3}' });
  });

  test("what it left running is not heard once it has returned", async () => {
    const { attempt, lines, progress } = attemptFor();
    let late: Context | undefined;
    await functionExecutor((_input: unknown, ctx) => void (late = ctx)).execute(attempt);
    late?.log.warn("late");
    late?.progress(1);
    expect([lines, progress]).toEqual([[], []]);
  });

  test("progress outside 0..1 is brought inside, and what is no number is dropped", async () => {
    const { attempt, progress } = attemptFor();
    const ratios = [-1, 2, Number.NaN, Number.POSITIVE_INFINITY, 0.25];
    await functionExecutor((_input: unknown, ctx) => ratios.forEach((ratio) => ctx.progress(ratio))).execute(attempt);
    expect(progress.map((report) => report.ratio)).toEqual([0, 1, 0.25]);
  });

  test("anything can be logged, as text", async () => {
    const { attempt, lines } = attemptFor();
    await functionExecutor((_input: unknown, { log }) => {
      for (const value of [{ a: 1 }, undefined, cycle, "\ud800"]) log.error(value as string);
    }).execute(attempt);
    expect(lines.map((line) => line.text)).toEqual(['{"a":1}', "undefined", "a value that cannot be shown", "\ufffd"]);
  });
});
