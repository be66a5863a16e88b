import { describe, expect, test } from "vitest";
import { agent } from "../agent/define.ts";
import { TuttiError } from "../errors.ts";
import { workflow } from "./define.ts";
import type { Problem } from "./problems.ts";

const head = { id: "w", version: "1" };
const run = () => 1;
const cfo = agent({ id: "cfo", capabilities: ["finance"], run });

function problemsOf(build: () => unknown): readonly Problem[] {
  try {
    build();
  } catch (error) {
    if (error instanceof TuttiError && error.code === "DEFINITION_INVALID") return error.data["list"] as Problem[];
    throw error;
  }
  return [];
}

describe("handles", () => {
  test("of another workflow are refused", () => {
    let stolen: never | undefined;
    workflow({ id: "other", version: "1" }, (w) => {
      stolen = w.task("theirs", { run }) as never;
    });
    const needs = { stolen: stolen as never };
    expect(problemsOf(() => workflow(head, (w) => w.task("a", { needs, run })))).toEqual([
      { path: "$.steps.a.needs.stolen", message: 'step theirs belongs to workflow "other", not to "w"' },
    ]);
    expect(problemsOf(() => workflow(head, (w) => ({ a: w.task("a", { run }), ...needs })))[0]?.path).toBe(
      "$.output.stolen",
    );
  });

  test("of another scope are refused, with what to do instead", () => {
    const outward = problemsOf(() =>
      workflow(head, (w) => {
        const a = w.task("a", { run });
        return w.choose("c", { by: () => "x", branches: { x: (w) => w.task("b", { needs: { a }, run }) } });
      }),
    );
    expect(outward).toEqual([
      {
        path: "$.steps.c.branches.x.steps.b.needs.a",
        message: "step a lies in another scope; what a branch is to see goes into the needs of its choose",
      },
    ]);
  });

  test("take an undo, once", () => {
    const { definition, code } = workflow(head, (w) => w.task("a", { run }).undo(() => {}));
    expect(definition.steps["a"]).toMatchObject({ undo: { code: "a.undo" } });
    expect(code.has("a.undo")).toBe(true);
    const twice = problemsOf(() => workflow(head, (w) => w.task("a", { run, undo: () => {} }).undo(() => {})));
    expect(twice).toEqual([{ path: "$.steps.a.undo", message: "a step has one undo" }]);
  });
});

describe("the callback", () => {
  test("must not be async, nor return anything else", () => {
    const build = (async (w: { task: (id: string, options: object) => unknown }) => void w.task("a", { run })) as never;
    expect(problemsOf(() => workflow(head, build))).toEqual([
      { path: "$.output", message: expect.stringContaining("must not be async") },
    ]);
    expect(problemsOf(() => workflow(head, (() => 7) as never)).map((p) => p.path)).toContain("$.output");
  });
});

describe("what cannot be built", () => {
  test("is told with every problem at once, each with its path and the name that was probably meant", () => {
    const problems = problemsOf(() =>
      workflow({ ...head, timeout: "soon", concurency: 3 } as never, (w) => {
        const a = w.task("a", { run, retry: { max_atempts: 3 } as never, priority: "hgh" as never });
        w.task("a b", { run });
        w.task("c", { needs: { a, x: 7 as never }, run: "run" as never });
        w.task("d", { agent: {} as never });
        w.task("e", { run, onError: { timeout: "skp" as never, tmeout: "skip" } as never, input: { n: 1n } });
        w.task("f", { run, output: {} as never, timeout: { startToClose: "1x" } });
      }),
    );
    const told = problems.map(({ path, suggestion }) => (suggestion === undefined ? path : `${path} → ${suggestion}`));
    expect(told.sort()).toEqual(
      [
        "$.timeout",
        "$.concurency → concurrency",
        "$.steps.a.retry.max_atempts → max_attempts",
        "$.steps.a.priority → high",
        '$.steps["a b"]',
        "$.steps.c.needs.x",
        "$.steps.c.run",
        "$.steps.c",
        "$.steps.d.agent",
        "$.steps.d",
        "$.steps.e.onError.timeout → skip",
        "$.steps.e.onError.tmeout → timeout",
        "$.steps.e.input.n",
        "$.steps.f.output",
        "$.steps.f.timeout.startToClose",
      ].sort(),
    );
  });

  test.each([
    [{ retry: 7 }, "retry", /^expected \{ maximumAttempts, .* \}, not 7$/],
    [{ agent: 7 }, "agent", /^expected an agent, its id, or \{ capability \}, not 7$/],
    [{ agent: { capability: "a", capabilities: ["b"] } }, "agent", /not both/],
    [{ agent: { id: "a", capability: "b" } }, "agent", /either the id of an agent or a capability/],
    [{ onError: 7 }, "onError", /^expected handlers by error kind, not 7$/],
    [{ needs: 7 }, "needs", /^expected \{ name: step \}, not 7$/],
    [{ priority: 7 }, "priority", /^expected one of critical, .*, not 7$/],
  ])("an option %j is told", (options, key, message) => {
    const problems = problemsOf(() => workflow(head, (w) => w.task("a", { run, ...options } as never)));
    const told = problems.filter(({ path }) => path === `$.steps.a.${key}`);
    expect(told.map((problem) => problem.message)).toEqual([expect.stringMatching(message)]);
  });

  test("is a choose without branches, or with one that is no function", () => {
    const problems = problemsOf(() =>
      workflow(head, (w) => {
        w.choose("a", { by: () => "x" } as never);
        w.choose("b", { by: () => "x", branches: { x: 7 } } as never);
      }),
    );
    expect(problems.map(({ path }) => path)).toEqual([
      "$.steps.a.branches",
      "$.steps.b.branches.x",
      "$.steps.a.branches",
      "$.steps.b.branches",
    ]);
  });

  test("is told in a message that names the workflow and each place", () => {
    const build = () => workflow(head, (w) => w.task("a", { run, retry: { max_atempts: 1 } as never }));
    expect(build).toThrow(
      "The workflow w is not valid:\n  $.steps.a.retry.max_atempts: no such option. Did you mean max_attempts?",
    );
  });

  test("includes two steps of one id, two agents of one id, and an alias beside its name", () => {
    const other = agent({ id: "cfo", capabilities: [], run });
    const problems = problemsOf(() =>
      workflow(head, (w) => {
        w.task("a", { run, retry: { max_attempts: 1, maximumAttempts: 2 } });
        w.task("a", { run });
        w.task("b", { agent: cfo });
        w.task("c", { agent: other });
      }),
    );
    expect(problems.map(({ message }) => message)).toEqual([
      "given twice: it is the same as maximumAttempts",
      "there are two steps a in this scope",
      "two different agents have the id cfo",
    ]);
  });

  test("never reaches a prototype", () => {
    for (const id of ["__proto__", "constructor", "toString"])
      expect(problemsOf(() => workflow(head, (w) => w.task(id, { run })))[0]?.message).toMatch(/expected a name/);
    expect(Object.hasOwn(Object.prototype, "kind")).toBe(false);
  });
});
