import { describe, expect, test } from "vitest";
import { processorMs } from "../../test/house/processor.ts";
import { MAX_STEPS, validate } from "./validate.ts";

const task = { kind: "task", run: { code: "a.run" } };
const head = { tutti: "1", id: "w", version: "1" };

/** Steps by id, each a task with these needs (id → id). */
function tasks(needs: Record<string, readonly string[]>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(needs).map(([id, ids]) => [
      id,
      { ...task, needs: Object.fromEntries(ids.map((need) => [need, need])) },
    ]),
  );
}

function told(definition: unknown): string[] {
  return validate(definition).problems.map(({ path, message }) => `${path}: ${message}`);
}

/** What is said of one step beside a valid one called `start`. */
function toldOf(step: unknown): string[] {
  return told({ ...head, steps: { start: task, s: step } });
}

describe("a valid definition", () => {
  test("is returned as a frozen copy, which is not looked at again", () => {
    const definition = { ...head, description: undefined, steps: { a: { ...task, input: { list: [1] } } } };
    const { problems, definition: copy } = validate(definition);
    expect(problems).toEqual([]);
    definition.steps.a.input.list.push(2);
    expect(copy).toStrictEqual({ ...head, steps: { a: { ...task, input: { list: [1] } } } });
    expect(Object.isFrozen(copy?.steps["a"])).toBe(true);
    expect(validate(copy).definition).toBe(copy);
  });

  test("may use every key there is", () => {
    const step = {
      needs: { a: "a" },
      when: { code: "s.when" },
      join: { quorum: 1 },
      rest: "cancel",
      priority: "critical",
      estimateMs: 0,
      retry: { maximumAttempts: 1, initialIntervalMs: 0, backoffCoefficient: 1, maximumIntervalMs: 1, retryOn: [] },
      timeout: { scheduleToStartMs: 1, startToCloseMs: 1, totalMs: 1 },
      onError: {
        timeout: "retry",
        agent_error: { fallback: { id: "x" } },
        rate_limit: { code: "s.onError.rate_limit" },
      },
      undo: { code: "s.undo" },
      type: "t",
      description: "d",
      phase: "p",
    };
    const definition = {
      ...head,
      description: "d",
      input: { type: "object" },
      concurrency: 1,
      onFailure: "partial",
      failFast: true,
      timeoutMs: 1,
      retry: { maximumAttempts: 2 },
      onError: { timeout: "skip" },
      steps: {
        a: task,
        b: {
          ...step,
          kind: "task",
          agent: { capabilities: ["c"], any: true, version: "^1", tags: ["t"] },
          input: null,
        },
        c: { ...step, kind: "task", agent: { id: "x", version: "1.x" }, input: { a: ["${needs.a}", "${input}"] } },
        d: {
          ...step,
          kind: "choose",
          by: { code: "d.by" },
          branches: {
            x: { steps: { in: { kind: "task", run: task.run, input: "${needs.a}" } }, output: "${steps.in}" },
          },
        },
        e: { ...task, input: { code: "e.input" }, output: { code: "e.output" } },
      },
      output: ["${steps.a}", { d: "${steps.d}", plain: "steps.d" }],
    };
    expect(told(definition)).toEqual([]);
  });
});

describe("needs", () => {
  test("name steps of the same scope: the nearest is suggested", () => {
    const steps = tasks({ fetch_market: [], report: ["fetch_markt"] });
    expect(validate({ ...head, steps }).problems).toEqual([
      {
        path: "$.steps.report.needs.fetch_markt",
        message: 'there is no step "fetch_markt" in this scope. Did you mean fetch_market?',
        suggestion: "fetch_market",
      },
    ]);
  });

  test("cannot be the step itself, nor one step twice, nor no text", () => {
    expect(told({ ...head, steps: tasks({ a: ["a"] }) })).toEqual(["$.steps.a.needs.a: step a needs itself"]);
    expect(toldOf({ ...task, needs: { x: "start", y: "start" } })).toEqual([
      "$.steps.s.needs.y: step start is needed twice, also as x",
    ]);
    expect(toldOf({ ...task, needs: { x: 7 } })).toEqual(["$.steps.s.needs.x: there is no step 7 in this scope"]);
    expect(toldOf({ ...task, needs: ["start"] })).toEqual([
      '$.steps.s.needs: expected { name: step id }, not ["start"]',
    ]);
  });

  test("never reach a prototype", () => {
    expect(toldOf({ ...task, needs: { x: "toString" } })).toEqual([
      '$.steps.s.needs.x: there is no step "toString" in this scope',
    ]);
    const steps = JSON.parse('{"__proto__": {"kind": "task", "run": {"code": "a.run"}}, "constructor": 7}') as object;
    expect(told({ ...head, steps }).map((line) => line.slice(0, 30))).toEqual([
      "$.steps.__proto__: expected a ",
      "$.steps.constructor: expected ",
      "$.steps.constructor: expected ",
    ]);
  });

  test("in a cycle are told as a path", () => {
    expect(told({ ...head, steps: tasks({ a: ["b"], b: ["a"] }) })).toEqual([
      "$.steps: the steps need each other in a cycle: a → b → a",
    ]);
    const ring = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`s${i}`, [`s${(i + 1) % 1_000}`]]));
    expect(told({ ...head, steps: tasks(ring) })).toEqual([
      expect.stringMatching(/s0 → s1 → .* → … 981 more … → .* → s999 → s0$/),
    ]);
  });

  test("of a branch see only its own steps; what the scope passes in is no step there", () => {
    const branch = { steps: { in: { ...task, needs: { a: "start" } } } };
    expect(toldOf({ kind: "choose", by: { code: "s.by" }, branches: { x: branch } })).toEqual([
      '$.steps.s.branches.x.steps.in.needs.a: there is no step "start" in this scope',
    ]);
  });
});

describe("joins", () => {
  test.each([
    [{ quorum: 2 }, "a quorum of 2 cannot be reached with 1 needs"],
    [{ quorum: 0 }, 'expected { quorum: a whole number from 1 }, not {"quorum":0}'],
    [{ quorum: 1.5 }, 'expected { quorum: a whole number from 1 }, not {"quorum":1.5}'],
    [{ quorum: 1, of: 2 }, 'expected { quorum: a whole number from 1 }, not {"quorum":1,"of":2}'],
    ["setled", 'expected all, settled, any or { quorum }, not "setled". Did you mean settled?'],
  ])("%j is refused", (join, message) => {
    expect(toldOf({ ...task, needs: { start: "start" }, join })).toEqual([`$.steps.s.join: ${message}`]);
  });

  test("any needs something; only any and quorum leave a rest", () => {
    expect(toldOf({ ...task, join: "any" })).toEqual(["$.steps.s.join: any of no needs cannot be reached"]);
    expect(toldOf({ ...task, needs: { start: "start" }, rest: "cancel" })).toEqual([
      "$.steps.s.rest: only any and quorum leave a rest to cancel",
    ]);
  });
});

describe("members", () => {
  const cases: [string, object, string][] = [
    ["an unknown key", { retri: {} }, ".retri: no such key. Did you mean retry?"],
    [
      "a priority there is not",
      { priority: "hig" },
      '.priority: expected one of critical, high, normal, low, not "hig". Did you mean high?',
    ],
    ["an estimate below zero", { estimateMs: -1 }, ".estimateMs: expected a number from 0 to 315360000000, not -1"],
    [
      "no attempt at all",
      { retry: { maximumAttempts: 0 } },
      ".retry.maximumAttempts: expected a whole number from 1 to 100000, not 0",
    ],
    [
      "a back-off that shrinks",
      { retry: { backoffCoefficient: 0.5 } },
      ".retry.backoffCoefficient: expected a number from 1 to 1000, not 0.5",
    ],
    [
      "a cap under the first wait",
      { retry: { initialIntervalMs: 9, maximumIntervalMs: 1 } },
      ".retry.maximumIntervalMs: 1 is less than initialIntervalMs, 9",
    ],
    [
      "an unknown error kind",
      { retry: { retryOn: ["timout"] } },
      '.retry.retryOn[0]: expected one of timeout, connection_error, rate_limit, agent_error, validation_error, critical_error, budget_exceeded, cancelled, not "timout". Did you mean timeout?',
    ],
    [
      "a kind no retry can be for",
      { retry: { retryOn: ["critical_error"] } },
      ".retry.retryOn[0]: critical_error is never retried",
    ],
    [
      "a timeout of zero",
      { timeout: { totalMs: 0 } },
      ".timeout.totalMs: expected a number from 1 to 315360000000, not 0",
    ],
    [
      "an attempt longer than all",
      { timeout: { totalMs: 1, startToCloseMs: 2 } },
      ".timeout.totalMs: 1 is less than one attempt, startToCloseMs 2",
    ],
    ["a handler for no kind", { onError: { tiemout: "skip" } }, ".onError.tiemout: no such key. Did you mean timeout?"],
    [
      "a choice there is not",
      { onError: { timeout: "ship" } },
      '.onError.timeout: expected one of retry, skip, fail, not "ship". Did you mean skip?',
    ],
    [
      "a fallback that is nobody",
      { onError: { timeout: { fallback: {} } } },
      ".onError.timeout.fallback.capabilities: expected capabilities, which is missing",
    ],
    [
      "a function by a wrong role",
      { when: { code: "s.by" } },
      '.when: expected a function by name, { "code": "<step path>.when" }, not {"code":"s.by"}',
    ],
    [
      "a description that is none",
      { description: "" },
      '.description: expected a text of 1 to 10000 characters, not ""',
    ],
    [
      "input that names what is not needed",
      { input: { a: ["${needs.strat}"] } },
      ".input.a[0]: there is no need strat here",
    ],
    [
      "input that names a step",
      { input: "${steps.start}" },
      '.input: expected ${input} or ${needs.<name>} here, not "${steps.start}"',
    ],
    ["input that is not JSON", { input: { n: 1n } }, ".input.n: expected JSON, not a BigInt"],
    ["two ways to do the work", { agent: { id: "x" } }, ": expected run or agent, exactly one of them"],
    ["a kind there is not", { kind: "tsk" }, '.kind: expected task or choose, not "tsk"'],
  ];
  test.each(cases)("%s is told", (_, extra, message) => {
    expect(toldOf({ ...task, ...extra })).toEqual([`$.steps.s${message}`]);
  });

  test.each([
    [
      { id: "a b" },
      '.id: expected a name (1 to 128 characters of A-Z a-z 0-9 _ . -, the first neither . nor -; not what every object has, such as constructor), not "a b"',
    ],
    [{ id: "x", version: "one" }, '.version: expected a semver range such as ^1.2, not "one"'],
    [{ capabilities: [] }, ".capabilities: expected a list that is not empty, not []"],
    [{ capabilities: ["a", "a"] }, '.capabilities[1]: "a" is there twice'],
    [{ capabilities: ["a"], any: false }, ".any: expected true, or no such key, not false"],
    [{ id: "x", tags: ["t"] }, ".tags: no such key"],
  ])("an agent %j is told", (agent, message) => {
    expect(toldOf({ kind: "task", agent })).toEqual([`$.steps.s.agent${message}`]);
  });

  test("of an input schema are JSON", () => {
    expect(told({ ...head, input: { type: "object", default: 1n }, steps: { a: task } })).toEqual([
      "$.input.default: expected JSON, not a BigInt",
    ]);
  });

  test("of the workflow are checked as well", () => {
    expect(
      told({
        tutti: "2",
        id: "",
        input: 7,
        concurrency: 0,
        onFailure: "go",
        failFast: 1,
        steps: { a: task },
        output: "${steps.b}",
        agent: [],
      }),
    ).toEqual([
      '$.tutti: expected 1, not "2"',
      '$.id: expected a name (1 to 128 characters of A-Z a-z 0-9 _ . -, the first neither . nor -; not what every object has, such as constructor), not ""',
      "$.input: expected a JSON Schema, not 7",
      "$.concurrency: expected a whole number from 1 to 1000000, not 0",
      '$.onFailure: expected one of fail, partial, not "go"',
      "$.failFast: expected true or false, not 1",
      "$.agent: no such key. Did you mean agents?",
      "$.version: expected version, which is missing",
      "$.output: there is no step b here",
    ]);
  });
});

describe("whatever is given", () => {
  test.each([undefined, null, 7, "x", [], {}])("%j is answered, never thrown", (definition) => {
    expect(validate(definition).problems.length).toBeGreaterThan(0);
    expect(validate(definition).definition).toBeUndefined();
  });

  test.each([undefined, null, 7, [], { a: null }, { a: 7 }, { a: {} }, { a: { kind: "choose" } }])(
    "steps %j too",
    (steps) => {
      expect(validate({ ...head, steps }).problems.length).toBeGreaterThan(0);
    },
  );

  test("branches too", () => {
    for (const branches of [7, {}, { x: 7 }, { x: {} }, { "a/b": { steps: {} } }, { x: { steps: {}, more: 1 } }])
      expect(toldOf({ kind: "choose", by: { code: "s.by" }, branches })).toHaveLength(1);
  });

  test("a hundred problems are told and the others counted", () => {
    const steps = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`s${i}`, { ...task, phase: 7 }]));
    const { problems } = validate({ ...head, steps });
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toEqual({ path: "$", message: "and 150 more problems" });
  });
});

describe("limits", () => {
  test("16 scopes within each other are enough for anyone", () => {
    const nested = (depth: number): object =>
      depth === 0
        ? task
        : { kind: "choose", by: { code: "c.by" }, branches: { x: { steps: { c: nested(depth - 1) } } } };
    expect(told({ ...head, steps: { c: nested(16) } })).toEqual([]);
    expect(told({ ...head, steps: { c: nested(17) } })).toEqual([
      expect.stringMatching(/: expected at most 16 scopes within each other$/),
    ]);
  });

  test(`${MAX_STEPS} steps are, branches counted`, () => {
    const many = Object.fromEntries(Array.from({ length: MAX_STEPS }, (_, i) => [`s${i}`, task]));
    expect(told({ ...head, steps: many })).toEqual([]);
    const choose = { kind: "choose", by: { code: "c.by" }, branches: { x: { steps: { one: task } } } };
    const { s0: _, ...rest } = many;
    expect(told({ ...head, steps: { ...rest, c: choose } })).toEqual([
      "$.steps.c.branches.x.steps: expected at most 100000 steps in all, not 100001",
    ]);
  });

  test("a chain and a fan of 100,000 steps are checked in under 5 s together", () => {
    const ids = Array.from({ length: MAX_STEPS - 1 }, (_, i) => `s${i}`);
    const chain = tasks(Object.fromEntries(ids.map((id, i) => [id, i === 0 ? [] : [`s${i - 1}`]])));
    const fan = { ...tasks(Object.fromEntries(ids.map((id) => [id, []]))), end: tasks({ end: ids })["end"] };
    const both = () => [told({ ...head, steps: chain }), told({ ...head, steps: fan })].flat();
    expect(processorMs(() => expect(both()).toEqual([]))).toBeLessThan(5_000);
  });

  test("a large definition that is wrong throughout is refused as quickly", () => {
    const ids = Array.from({ length: MAX_STEPS }, (_, i) => `step_number_${i}`);
    const wrong = tasks(Object.fromEntries(ids.map((id, i) => [id, [`stp_number_${i}`]])));
    const wholly = () => expect(told({ ...head, steps: wrong })).toHaveLength(101);
    expect(processorMs(wholly)).toBeLessThan(5_000);
  });
});
