import { describe, expect, expectTypeOf, test } from "vitest";
import { agent } from "../agent/define.ts";
import { conditional, fromPlainSteps, linear, parallel } from "./shapes.ts";
import type { OutputOf } from "./types.ts";

const around = (name: string) => ({ input: "${input}", needs: { [name]: `\${needs.${name}}` } });

describe("linear", () => {
  const flow = linear([
    { step: "data_collection", agent: "collector" },
    { step: "data_analysis", agent: "analyst", task: { action: "analyse", depth: 2 } },
    { step_id: "report", agent_id: "reporter", task: "write it" },
  ]);

  test("gives each step the output before it, beside its own task", () => {
    expect(flow.definition.steps).toEqual({
      data_collection: { kind: "task", agent: { id: "collector" } },
      data_analysis: {
        kind: "task",
        needs: { previous: "data_collection" },
        agent: { id: "analyst" },
        input: { ...around("previous"), action: "analyse", depth: 2 },
      },
      report: {
        kind: "task",
        needs: { previous: "data_analysis" },
        agent: { id: "reporter" },
        input: { ...around("previous"), task: "write it" },
      },
    });
    expect(flow.definition.output).toBe("${steps.report}");
  });

  test("takes an id made of its content, or the one it is given", () => {
    expect(flow.definition.id).toMatch(/^linear_[0-9a-f]{8}$/);
    expect(linear([{ step: "a", agent: "x" }]).definition.id).toBe(linear([{ step: "a", agent: "x" }]).definition.id);
    expect(linear([{ step: "a", agent: "y" }]).definition.id).not.toBe(
      linear([{ step: "a", agent: "x" }]).definition.id,
    );
    expect(linear([{ step: "a", agent: "x" }], { id: "mine", version: "2" }).definition).toMatchObject({
      id: "mine",
      version: "2",
    });
  });

  test("of nothing is refused", () => {
    expect(() => linear([])).toThrow(/expected at least one step/);
  });
});

describe("parallel", () => {
  test("wires nothing and answers every output by step", () => {
    const cmo = agent({ id: "cmo", capabilities: [], run: () => 1 });
    const flow = parallel([
      { step: "market", agent: cmo, input: { target: "EU" } },
      { step: "survey", agent: { capability: "survey" }, retry_config: { max_attempts: 2 } },
    ]);
    expect(flow.definition.steps).toEqual({
      market: { kind: "task", agent: { id: "cmo" }, input: { target: "EU" } },
      survey: { kind: "task", agent: { capabilities: ["survey"] }, retry: { maximumAttempts: 2 } },
    });
    expect(flow.definition.output).toEqual({ market: "${steps.market}", survey: "${steps.survey}" });
    expect(flow.agents).toEqual([cmo]);
    expectTypeOf<OutputOf<typeof flow>>().toEqualTypeOf<{ readonly market: unknown; readonly survey: unknown }>();
  });
});

describe("conditional", () => {
  const parts = {
    start: { step: "initial_check", agent: "validator" },
    branches: {
      approved: { step: "process", agent: "processor", task: { action: "go" } },
      rejected: { step: "notify", agent: "notifier" },
    },
  };
  const byOf = (flow: { code: ReadonlyMap<string, unknown> }) =>
    flow.code.get("route.by") as (view: { needs: { start: unknown } }) => unknown;

  test("runs start first, then one branch that sees its result", () => {
    const flow = conditional({ ...parts, condition: () => true });
    expect(flow.definition.steps).toEqual({
      initial_check: { kind: "task", agent: { id: "validator" } },
      route: {
        kind: "choose",
        needs: { start: "initial_check" },
        by: { code: "route.by" },
        branches: {
          approved: {
            steps: {
              process: { kind: "task", agent: { id: "processor" }, input: { ...around("start"), action: "go" } },
            },
            output: "${steps.process}",
          },
          rejected: { steps: { notify: { kind: "task", agent: { id: "notifier" } } }, output: "${steps.notify}" },
        },
      },
    });
    expect(flow.definition.output).toBe("${steps.route}");
  });

  test("true is the first branch, false the second, a text the one of that name; a promise of these as well", async () => {
    const isApproved = conditional({
      ...parts,
      condition: (result: { status: string }) => result.status === "approved",
    });
    expect(byOf(isApproved)({ needs: { start: { status: "approved" } } })).toBe("approved");
    expect(byOf(isApproved)({ needs: { start: { status: "no" } } })).toBe("rejected");
    expect(byOf(conditional({ ...parts, condition: () => "rejected" }))({ needs: { start: 1 } })).toBe("rejected");
    const later = conditional({ ...parts, condition: async () => Promise.resolve(false) });
    expect(await byOf(later)({ needs: { start: 1 } })).toBe("rejected");
  });

  test("a branch that there is not does not compile", () => {
    // @ts-expect-error there is no such branch
    const flow = conditional({ ...parts, condition: () => "aproved" });
    expect(byOf(flow)({ needs: { start: 1 } })).toBe("aproved");
  });

  test("a start of the name route is no trouble", () => {
    const flow = conditional({ ...parts, start: { step: "route", agent: "validator" }, condition: () => true });
    expect(Object.keys(flow.definition.steps)).toEqual(["route", "branch"]);
  });
});

describe("plain steps", () => {
  test("come in any order, by depends_on or by named needs", () => {
    const flow = fromPlainSteps(
      [
        { step_id: "report", agent_id: "writer", depends_on: ["market", "cost-model"], task: { title: "Q2" } },
        { step_id: "cost-model", agent_id: "cfo", needs: { base: "market" }, priority: "urgent" },
        { step_id: "market", agent_id: "cmo", retry_config: { max_attempts: 3, retry_on: ["timeout"] } },
      ],
      { id: "plan", onError: { timeout: "retry" } },
    );
    expect(flow.definition).toEqual({
      tutti: "1",
      id: "plan",
      version: "1",
      onError: { timeout: "retry" },
      steps: {
        report: {
          kind: "task",
          needs: { market: "market", "cost-model": "cost-model" },
          agent: { id: "writer" },
          input: {
            input: "${input}",
            needs: { market: "${needs.market}", "cost-model": '${needs["cost-model"]}' },
            title: "Q2",
          },
        },
        "cost-model": { kind: "task", needs: { base: "market" }, agent: { id: "cfo" }, priority: "critical" },
        market: { kind: "task", agent: { id: "cmo" }, retry: { maximumAttempts: 3, retryOn: ["timeout"] } },
      },
    });
  });

  test("are checked like any others: unknown needs, cycles, unknown keys", () => {
    expect(() =>
      fromPlainSteps([
        { step: "market", agent: "x" },
        { step: "b", agent: "x", depends_on: ["markt"] },
      ]),
    ).toThrow(/there is no step "markt" in this scope. Did you mean market\?/);
    expect(() =>
      fromPlainSteps([
        { step: "a", agent: "x", depends_on: ["b"] },
        { step: "b", agent: "x", depends_on: ["a"] },
      ]),
    ).toThrow(/a → b → a/);
    expect(() => fromPlainSteps([{ step: "a", agent: "x", retries: 3 } as never])).toThrow(
      /\$\.steps\.a\.retries: no such option/,
    );
  });
});
