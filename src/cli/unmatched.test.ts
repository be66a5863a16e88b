import { expect, test } from "vitest";
import type { Step, WorkflowDefinition } from "../workflow/definition.ts";
import { unmatched } from "./unmatched.ts";

const one = (agent: Extract<Step, { kind: "task" }>["agent"]): Step => ({ kind: "task", ...(agent && { agent }) });
const flow = (steps: Readonly<Record<string, Step>>): WorkflowDefinition => ({
  tutti: "1",
  id: "w",
  version: "1",
  agents: [{ id: "pricer", capabilities: ["pricing"], version: "1.2.0", uses: "./a.mjs#price" }],
  steps,
});

test("steps whose agent their file has not are named, also within branches; those it has are not", () => {
  const inner = { steps: { deep: one({ capabilities: ["pricing"], version: "^2" }) } };
  const steps = {
    a: one({ id: "pricer" }),
    b: one({ capabilities: ["pricing"], version: "^1" }),
    c: one({ id: "nobody" }),
    route: { kind: "choose", by: "'x'", branches: { x: inner } } as const,
  };
  expect(unmatched(flow(steps))).toEqual([
    "step c will wait for an agent: none of this file fits nobody",
    "step deep will wait for an agent: none of this file fits pricing@^2",
  ]);
});

test("of many the first five are told, and how many more there are", () => {
  const steps = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`s${n}`, one({ id: "nobody" })]));
  expect(unmatched(flow(steps))).toHaveLength(6);
  expect(unmatched(flow(steps)).at(-1)).toBe("and 4 more steps");
});
