/** Workflows as the five designs wrote them: plain objects in, results out. */
import { expect, test } from "vitest";
import { agent } from "../../src/agent/define.ts";
import { createOrchestrator } from "../../src/orchestrator.ts";
import type { WorkflowDefinition } from "../../src/workflow/definition.ts";
import { workflow } from "../../src/workflow/define.ts";
import { conditional, linear, parallel } from "../../src/workflow/shapes.ts";
import { verifies } from "../verifies.ts";

const analyze = agent({
  id: "cmo",
  capabilities: ["marketing"],
  run: ({ target }: { target: string }) => ({ target, size: 12 }),
});
const forecast = agent({
  id: "cfo",
  capabilities: ["finance"],
  run: ({ needs }: { needs: { previous: { size: number } } }) => needs.previous.size * 2,
});
const review = agent({
  id: "ceo",
  capabilities: ["decide"],
  run: (task: object) => ("good" in task ? { approved: task.good } : "reviewed"),
});
const open = () => createOrchestrator({ store: ":memory:", agents: [analyze, forecast, review] });

test(
  "a linear workflow hands each output to the next step",
  verifies("000-F087", "000-F088", "000-F027", "002-F010"),
  async () => {
    await using tutti = await open();
    const flow = linear([
      { step: "analyze", agent: "cmo", task: { target: "EU" } },
      { step: "forecast", agent: "cfo" },
    ]);
    const run = await tutti.runs.start(flow);
    expect(await run.result()).toBe(24);
    expect((await run.get()).completedSteps).toEqual(["analyze", "forecast"]);
  },
);

test("a parallel workflow answers every step's output by name", verifies("000-F089", "000-F028"), async () => {
  await using tutti = await open();
  const flow = parallel([
    { step: "eu", agent: "cmo", task: { target: "EU" } },
    { step: "us", agent: "cmo", task: { target: "US" } },
  ]);
  expect(await (await tutti.runs.start(flow)).result()).toEqual({
    eu: { target: "EU", size: 12 },
    us: { target: "US", size: 12 },
  });
});

test.each([
  [true, "approved"],
  [false, "rejected"],
])(
  "a conditional runs its start, then only the branch of %s",
  verifies("000-F090", "000-F091", "000-F092", "000-F093", "000-F029", "002-F012"),
  async (good, branch) => {
    await using tutti = await open();
    const flow = conditional({
      start: { step: "review", agent: "ceo", task: { good } },
      branches: {
        approved: { step: "ship", agent: "cmo", task: { target: "ship" } },
        rejected: { step: "tell", agent: "cmo", task: { target: "tell" } },
      },
      condition: (result: { approved: boolean }) => result.approved,
    });
    const run = await tutti.runs.start(flow);
    expect(await run.result()).toMatchObject({ branch });
    const { completedSteps } = await run.get();
    expect(completedSteps[0]).toBe("review");
    expect(completedSteps.some((path) => path.includes(branch))).toBe(true);
    expect(completedSteps.some((path) => path.includes(branch === "approved" ? "rejected" : "approved"))).toBe(false);
  },
);

test(
  "a cycle or an unknown need is refused before anything starts, with its path",
  verifies("002-F013", "000-F007"),
  async () => {
    await using tutti = await open();
    const step = (need: string) => ({ kind: "task", agent: { id: "cmo" }, needs: { x: need } }) as const;
    const cyclic: WorkflowDefinition = {
      tutti: "1",
      id: "cyclic",
      version: "1",
      steps: { a: step("b"), b: step("a") },
    };
    await expect(tutti.runs.start(cyclic)).rejects.toThrow(/a → b → a|b → a → b/);
    const dangling: WorkflowDefinition = {
      tutti: "1",
      id: "dangling",
      version: "1",
      steps: { fetch: step("fetsch"), a: step("fetch") },
    };
    await expect(tutti.runs.start(dangling)).rejects.toThrow(/\$\.steps\.fetch\.needs/);
    expect((await tutti.runs.list()).items).toEqual([]);
  },
);

test(
  "a condition that says no skips its step; what depends on it only is skipped too, the rest runs",
  verifies("000-F029", "002-F012"),
  async () => {
    await using tutti = await open();
    const flow = workflow({ id: "maybe", version: "1" }, (w) => {
      const a = w.task("a", { run: () => 1 });
      const b = w.task("b", { needs: { a }, when: ({ needs }) => needs.a > 1, run: () => 2 });
      const c = w.task("c", { needs: { b }, run: () => 3 });
      const d = w.task("d", { needs: { a, b }, run: ({ needs }) => [needs.a, needs.b ?? null] });
      return { c, d };
    });
    const run = await tutti.runs.start(flow);
    expect(await run.result()).toEqual({ d: [1, null] });
    const { steps } = await run.get();
    expect([steps["b"]?.reason, steps["c"]?.reason]).toEqual(["not_taken", "not_taken"]);
  },
);
