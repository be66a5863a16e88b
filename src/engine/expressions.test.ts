import { expect, test } from "vitest";
import { systemClock } from "../std/clock.ts";
import { definitionOf, openEngine, startOf } from "../testing/engine.ts";
import type { Step } from "../workflow/definition.ts";
import { agent } from "../agent/define.ts";

const echo = agent({ id: "echo", capabilities: [], run: (input: unknown) => input });
const step = (rest: Partial<Extract<Step, { kind: "task" }>> = {}): Step => ({
  kind: "task",
  agent: { id: "echo" },
  ...rest,
});

/** How a run of these steps on this input ended, and its steps by path. */
async function run(steps: Readonly<Record<string, Step>>, input: unknown) {
  await using engine = await openEngine({ clock: systemClock, agents: [echo] });
  await engine.start({ ...startOf("r", definitionOf(steps)), input: { json: JSON.stringify(input) } });
  const ended = await engine.whenEnded("r");
  const byPath = Object.fromEntries([...ended.instances].map((instance) => [instance.path, instance]));
  return { ended, byPath };
}

test("a condition in CEL decides whether a step runs, on its needs as they came out", async () => {
  const steps = (limit: number) => ({
    items: step({ input: [1, 2, 3] }),
    many: step({ needs: { items: "items" }, when: `needs.items.size() > ${limit} && input.on` }),
  });
  expect((await run(steps(2), { on: true })).byPath["many"]?.status).toBe("completed");
  expect((await run(steps(3), { on: true })).byPath["many"]).toMatchObject({ status: "skipped", reason: "not_taken" });
  expect((await run(steps(2), { on: false })).byPath["many"]?.status).toBe("skipped");
});

test("a choice in CEL opens the branch it names; inside, the needs of the choose are seen", async () => {
  const route: Step = {
    kind: "choose",
    needs: { price: "price" },
    by: "needs.price.ok ? 'yes' : 'no'",
    branches: {
      yes: { steps: { ship: step({ when: "needs.price.sum > 1", input: "ship" }) } },
      no: { steps: { tell: step({ input: "tell" }) } },
    },
  };
  const { byPath } = await run({ price: step({ input: { ok: true, sum: 7 / 2 } }), route }, null);
  expect(byPath["route:yes/ship"]?.status).toBe("completed");
  expect(byPath["route:no/tell"]).toBeUndefined();
});

test("an expression that finds no such member fails its step, and says which expression it was", async () => {
  const { ended, byPath } = await run({ a: step({ when: "input.none.deep == 1" }) }, { some: 1 });
  expect(ended.end).toBe("failed");
  expect(byPath["a"]?.error).toMatchObject({
    kind: "validation_error",
    message: expect.stringContaining("input.none.deep"),
  });
});
