import { describe, expect, test } from "vitest";
import { processorMs } from "../../test/house/processor.ts";
import { InvariantError } from "../std/invariant.ts";
import type { Fragment, Step } from "./definition.ts";
import { buildGraph, longestPath } from "./graph.ts";
import { cycleOf } from "./order.ts";

type Extra = Partial<Omit<Step, "kind" | "needs">>;

function task(needs: readonly string[] = [], extra: Extra = {}): Step {
  const step = { kind: "task", run: { code: "x.run" }, ...extra } as Step;
  return needs.length === 0 ? step : { ...step, needs: Object.fromEntries(needs.map((need) => [need, need])) };
}

function chain(length: number): Fragment {
  const steps: Record<string, Step> = {};
  for (let i = 0; i < length; i++) steps[`s${i}`] = task(i === 0 ? [] : [`s${i - 1}`]);
  return { steps };
}

function fan(width: number): Fragment {
  const steps: Record<string, Step> = { start: task() };
  const all: string[] = [];
  for (let i = 0; i < width; i++) {
    steps[`s${i}`] = task(["start"]);
    all.push(`s${i}`);
  }
  steps.end = task(all, { join: "settled" });
  return { steps };
}

describe("numbers", () => {
  const diamond: Fragment = { steps: { end: task(["b", "a"]), b: task(["start"]), start: task(), a: task(["start"]) } };

  test("a step comes after all it needs, by distance from the start, then id", () => {
    const graph = buildGraph(diamond);
    expect(graph.steps.map((step) => step.id)).toEqual(["start", "a", "b", "end"]);
    expect(graph.roots).toEqual([0]);
    expect(graph.byId.get("b")).toBe(2);
    expect(graph.steps[0]?.dependants).toEqual([1, 2]);
    expect(graph.steps[3]?.needs).toEqual([1, 2]);
    expect(graph.steps[3]?.needNames).toEqual(["a", "b"]);
  });

  test("do not depend on the order of keys", () => {
    const reversed = { steps: Object.fromEntries(Object.entries(diamond.steps).reverse()) };
    expect(buildGraph(reversed)).toEqual(buildGraph(diamond));
  });

  test("a need keeps the name it is known by", () => {
    const graph = buildGraph({
      steps: { page: task(), read: { ...task(), needs: { text: "page" } } },
    });
    expect(graph.steps[1]).toMatchObject({ needs: [0], needNames: ["text"] });
  });
});

describe("joins", () => {
  test("are normalised to a kind and a count", () => {
    const steps: Record<string, Step> = { a: task(), b: task(), c: task() };
    for (const [id, join] of Object.entries({
      all: "all",
      any: "any",
      settled: "settled",
      two: { quorum: 2 },
    } as const)) {
      steps[id] = task(["a", "b", "c"], { join });
    }
    const graph = buildGraph({ steps });
    const joinOf = (id: string) => {
      const step = graph.steps[graph.byId.get(id) ?? -1];
      return [step?.join, step?.quorum];
    };
    expect(joinOf("a")).toEqual(["all", 0]);
    expect(joinOf("all")).toEqual(["all", 3]);
    expect(joinOf("settled")).toEqual(["settled", 3]);
    expect(joinOf("any")).toEqual(["any", 1]);
    expect(joinOf("two")).toEqual(["any", 2]);
  });

  test("a quorum larger than the needs is an invariant's failure", () => {
    expect(() => buildGraph({ steps: { a: task(), b: task(["a"], { join: { quorum: 2 } }) } })).toThrow(InvariantError);
  });
});

describe("the remaining path", () => {
  test("counts hops when nothing is estimated", () => {
    const graph = buildGraph({ steps: { a: task(), b: task(["a"]), c: task(["b"]), x: task(["a"]) } });
    expect(graph.steps.map((step) => [step.id, step.remaining])).toEqual([
      ["a", 3],
      ["b", 2],
      ["x", 1],
      ["c", 1],
    ]);
    expect(graph.remaining).toBe(3);
    expect(longestPath(graph)).toEqual({ ids: ["a", "b", "c"], weight: 3 });
  });

  test("gives a step without an estimate the mean of the others", () => {
    const graph = buildGraph({
      steps: { a: task([], { estimateMs: 100 }), b: task(["a"]), c: task(["b"], { estimateMs: 300 }) },
    });
    expect(graph.steps.map((step) => step.remaining)).toEqual([600, 500, 300]);
  });

  test("takes the heavier of two branches, not the longer one", () => {
    const graph = buildGraph({
      steps: {
        a: task([], { estimateMs: 10 }),
        long1: task(["a"], { estimateMs: 1 }),
        long2: task(["long1"], { estimateMs: 1 }),
        heavy: task(["a"], { estimateMs: 50 }),
        end: task(["long2", "heavy"], { estimateMs: 5 }),
      },
    });
    expect(longestPath(graph)).toEqual({ ids: ["a", "heavy", "end"], weight: 65 });
  });

  test("a choose weighs its longest branch, or its estimate", () => {
    const branches = {
      short: { steps: { one: task() } },
      long: { steps: { one: task(), two: task(["one"]) } },
    };
    const choose: Step = { kind: "choose", by: "'short'", branches };
    const graph = buildGraph({ steps: { route: choose, after: task(["route"]) } });
    expect(graph.remaining).toBe(3);
    expect([...(graph.steps[0]?.branches?.keys() ?? [])]).toEqual(["long", "short"]);
    expect(graph.steps[0]?.branches?.get("long")?.remaining).toBe(2);
    expect(buildGraph({ steps: { route: { ...choose, estimateMs: 700 } } }).remaining).toBe(700);
  });

  test("never adds hops to ms: an estimate anywhere gives the unit everywhere", () => {
    const choose: Step = {
      kind: "choose",
      by: "'a'",
      branches: { a: { steps: { one: task([], { estimateMs: 40 }), two: task(["one"]) } } },
    };
    expect(buildGraph({ steps: { route: choose, after: task(["route"]) } }).remaining).toBe(120);
  });
});

test("without an output, the output is that of the steps nothing needs, by id", () => {
  const graph = buildGraph({ steps: { a: task(), "b-1": task(["a"]), c: task(["a"]) } });
  expect(graph.output).toEqual({ "b-1": '${steps["b-1"]}', c: "${steps.c}" });
});

test("priorities become their index", () => {
  const graph = buildGraph({
    steps: { a: task([], { priority: "critical" }), b: task(), c: task([], { priority: "low" }) },
  });
  expect(graph.steps.map((step) => step.priority)).toEqual([0, 2, 3]);
});

describe("what cannot be built", () => {
  test("is an invariant's failure: unknown need, cycle", () => {
    expect(() => buildGraph({ steps: { a: task(["b"]) } })).toThrow(/a needs b/);
    expect(() => buildGraph({ steps: { a: task(["b"]), b: task(["a"]) } })).toThrow(InvariantError);
  });

  test("a cycle is given as the steps on it, without those that lead to it", () => {
    const steps = { z: task(["a"]), a: task(["b"]), b: task(["c"]), c: task(["b"]), free: task() };
    expect(cycleOf(steps)).toEqual(["b", "c"]);
    expect(cycleOf({ a: task(["a"]) })).toEqual(["a"]);
    expect(cycleOf({ a: task(), b: task(["a", "nowhere"]) })).toBeUndefined();
  });
});

describe("100,000 steps", () => {
  test("a chain is built, measured and found free of cycles in under a second each", () => {
    const fragment = chain(100_000);
    const built = processorMs(() => {
      const graph = buildGraph(fragment);
      expect(graph.remaining).toBe(100_000);
      expect(longestPath(graph).ids).toHaveLength(100_000);
    });
    expect(built).toBeLessThan(1_000);
    expect(processorMs(() => expect(cycleOf(fragment.steps)).toBeUndefined())).toBeLessThan(1_000);
  });

  test("a fan is built in under a second", () => {
    const fragment = fan(100_000);
    const built = processorMs(() => {
      const graph = buildGraph(fragment);
      expect(graph.steps).toHaveLength(100_002);
      expect(graph.steps[0]?.dependants).toHaveLength(100_000);
      expect(graph.steps.at(-1)?.needs).toHaveLength(100_000);
    });
    expect(built).toBeLessThan(1_000);
  });

  test("a ring is found and told as a ring", () => {
    const steps = { ...chain(100_000).steps, s0: task(["s99999"]) };
    expect(cycleOf(steps)).toHaveLength(100_000);
  });
});
