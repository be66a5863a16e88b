import { verifies } from "../../test/verifies.ts";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { processorMs } from "../../test/house/processor.ts";
import { agent } from "../agent/define.ts";
import { canonicalDefinition, workflow } from "./define.ts";
import { validate } from "./validate.ts";

const head = { id: "w", version: "1" };
const run = () => 1;
const cmo = agent({ id: "cmo", capabilities: ["marketing"], run: (input: { target: string }) => input.target });
const cfo = agent({ id: "cfo", capabilities: ["finance"], run });

describe("a definition", () => {
  const full = workflow(
    {
      id: "strategic_planning",
      version: "1",
      input: z.object({ market: z.string() }),
      description: "d",
      concurrency: 4,
      onFailure: "partial",
      failFast: true,
      timeout: "1h",
      retry: { max_attempts: 5 },
      onError: { timeout: "skip", agent_error: () => "retry" },
    },
    (w) => {
      const market = w.task("analyze_market", {
        agent: cmo,
        input: ({ input }) => ({ target: input.market }),
        priority: "urgent",
        estimateMs: 500,
        timeout: "30s",
        retry: { maximumAttempts: 3, backoff_multiplier: 2, initialInterval: "5s", retry_on: ["timeout"] },
        onError: { validation_error: "skip", timeout: { fallback: cfo }, agent_error: (_) => "fail" },
        type: "analysis",
        description: "what is there",
        phase: "one",
      });
      const forecast = w.task("forecast", {
        needs: { market },
        agent: { capability: "finance", version: "^1.0", tags: ["eu"] },
        output: z.object({ total: z.number() }),
        when: () => true,
        timeout: { scheduleToStart: "1m", startToClose: 2_000, total: "1h" },
      });
      const search = w.task("search", {
        type: "web_search",
        input: { q: "x", key: "secret://KEY", again: "${input}" },
      });
      const decision = w.task("decide-it", {
        needs: { market, forecast, search },
        join: { quorum: 2 },
        rest: "cancel",
        run: ({ needs }) => needs.market ?? "",
        undo: () => {},
      });
      return { decision, market };
    },
  );

  test(
    "is canonical: aliases resolved, durations in ms, defaults left out, functions by name",
    verifies("002-F119"),
    () => {
      expect(full.definition).toEqual({
        tutti: "1",
        id: "strategic_planning",
        version: "1",
        input: { code: ".input" },
        description: "d",
        concurrency: 4,
        onFailure: "partial",
        failFast: true,
        timeoutMs: 3_600_000,
        retry: { maximumAttempts: 5 },
        onError: { timeout: "skip", agent_error: { code: ".onError.agent_error" } },
        steps: {
          analyze_market: {
            kind: "task",
            agent: { id: "cmo" },
            input: { code: "analyze_market.input" },
            priority: "critical",
            estimateMs: 500,
            timeout: { startToCloseMs: 30_000 },
            retry: { maximumAttempts: 3, backoffCoefficient: 2, initialIntervalMs: 5_000, retryOn: ["timeout"] },
            onError: {
              validation_error: "skip",
              timeout: { fallback: { id: "cfo" } },
              agent_error: { code: "analyze_market.onError.agent_error" },
            },
            type: "analysis",
            description: "what is there",
            phase: "one",
          },
          forecast: {
            kind: "task",
            needs: { market: "analyze_market" },
            agent: { capabilities: ["finance"], version: "^1.0", tags: ["eu"] },
            output: { code: "forecast.output" },
            when: { code: "forecast.when" },
            timeout: { scheduleToStartMs: 60_000, startToCloseMs: 2_000, totalMs: 3_600_000 },
          },
          search: {
            kind: "task",
            type: "web_search",
            agent: { capabilities: ["web_search"] },
            input: { q: "x", key: "secret://KEY", again: "${input}" },
          },
          "decide-it": {
            kind: "task",
            needs: { market: "analyze_market", forecast: "forecast", search: "search" },
            join: { quorum: 2 },
            rest: "cancel",
            run: { code: "decide-it.run" },
            undo: { code: "decide-it.undo" },
          },
        },
        output: { decision: '${steps["decide-it"]}', market: "${steps.analyze_market}" },
      });
    },
  );

  test("names only what the tables beside it hold", () => {
    expect([...full.code.keys()].sort()).toEqual(
      [
        ".onError.agent_error",
        "analyze_market.input",
        "analyze_market.onError.agent_error",
        "decide-it.run",
        "decide-it.undo",
        "forecast.when",
      ].sort(),
    );
    expect([...full.schemas.keys()].sort()).toEqual([".input", "forecast.output"]);
    expect(new Set(full.agents)).toEqual(new Set([cmo, cfo]));
  });

  test("leaves out every default that was written down", () => {
    const { definition } = workflow({ ...head, onFailure: "fail", failFast: false }, (w) => {
      w.task("a", { run, priority: "medium", join: "all", needs: {} });
    });
    expect(definition).toEqual({ tutti: "1", ...head, steps: { a: { kind: "task", run: { code: "a.run" } } } });
  });

  test("is frozen to its leaves, shares nothing with what it was made of, and survives JSON", () => {
    const input = { list: [{ a: 1 }] };
    const { definition } = workflow(head, (w) => w.task("a", { run, input }));
    input.list.push({ a: 2 });
    const step = definition.steps["a"] as unknown as { input: { list: object[] } };
    expect(step.input).toEqual({ list: [{ a: 1 }] });
    expect(
      [definition, definition.steps, step, step.input, step.input.list, step.input.list[0]].every(Object.isFrozen),
    ).toBe(true);
    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
  });

  test("has one canonical text, whatever the order it was written in", () => {
    const one = workflow(head, (w) => {
      w.task("a", { run, type: "t", phase: "p" });
      w.task("b", { run });
    });
    const other = workflow({ version: "1", id: "w" }, (w) => {
      w.task("b", { run });
      w.task("a", { phase: "p", type: "t", run });
    });
    expect(canonicalDefinition(one.definition)).toBe(canonicalDefinition(other.definition));
    expect(canonicalDefinition(full.definition)).not.toBe(canonicalDefinition(one.definition));
  });
});

describe("the callback", () => {
  test("runs once", () => {
    let calls = 0;
    workflow(head, (w) => {
      calls++;
      w.task("a", { run });
    });
    expect(calls).toBe(1);
  });

  test("may return one step, a record of steps, or nothing", () => {
    const outputOf = (build: Parameters<typeof workflow>[1]) => workflow(head, build).definition.output;
    expect(outputOf((w) => w.task("a", { run }))).toBe("${steps.a}");
    expect(outputOf((w) => ({ x: w.task("a", { run }) }))).toEqual({ x: "${steps.a}" });
    expect(outputOf((w) => void w.task("a", { run }))).toBeUndefined();
  });

  test("cannot use w after it has returned", () => {
    let kept: { task: (id: string, options: { run: () => number }) => unknown } | undefined;
    workflow(head, (w) => {
      kept = w;
      w.task("a", { run });
    });
    expect(() => kept?.task("b", { run })).toThrow(/w is of no more use/);
  });
});

describe("a branch", () => {
  const routed = workflow(head, (w) => {
    const price = w.task("price", { run });
    return w.choose("route", {
      needs: { price },
      by: ({ needs }) => (needs.price > 1 ? "approved" : "rejected"),
      branches: {
        approved: (w) => w.task("ship", { run: ({ needs }) => needs.price, undo: () => {} }),
        rejected: (w) => {
          w.choose("again", { by: () => "x", branches: { x: (w) => void w.task("tell", { run }) } });
        },
      },
    });
  });

  test("is a fragment of its own, with its functions under their path", () => {
    expect(routed.definition.steps["route"]).toEqual({
      kind: "choose",
      needs: { price: "price" },
      by: { code: "route.by" },
      branches: {
        approved: {
          steps: {
            ship: {
              kind: "task",
              run: { code: "route:approved/ship.run" },
              undo: { code: "route:approved/ship.undo" },
            },
          },
          output: "${steps.ship}",
        },
        rejected: {
          steps: {
            again: {
              kind: "choose",
              by: { code: "route:rejected/again.by" },
              branches: {
                x: { steps: { tell: { kind: "task", run: { code: "route:rejected/again:x/tell.run" } } } },
              },
            },
          },
        },
      },
    });
    expect(routed.code.has("route:rejected/again:x/tell.run")).toBe(true);
  });

  test("may be empty", () => {
    const { definition } = workflow(head, (w) => w.choose("c", { by: () => "no", branches: { no: () => {} } }));
    expect(definition.steps["c"]).toMatchObject({ branches: { no: { steps: {} } } });
  });
});

describe("an error handler", () => {
  const handlerOf = (answer: unknown) => {
    const { code } = workflow(head, (w) => w.task("a", { run, onError: { timeout: () => answer as "skip" } }));
    return code.get("a.onError.timeout") as (context: object) => unknown;
  };

  test("may answer in every way that a literal may be written; the engine gets the canonical form", async () => {
    expect(handlerOf("retry")({})).toBe("retry");
    expect(handlerOf({ fallback: "cfo" })({})).toEqual({ fallback: { id: "cfo" } });
    expect(await handlerOf(Promise.resolve({ fallback: { capability: "tax" } }))({})).toEqual({
      fallback: { capabilities: ["tax"] },
    });
  });

  test("that answers anything else fails, and says what was expected", () => {
    expect(() => handlerOf("skp")({})).toThrow(/expected retry, skip, fail/);
    expect(() => handlerOf({ fallback: { capabilty: "x" } })({})).toThrow(/Did you mean capability/);
  });
});

test("100,000 steps in a loop are built and checked in under 5 s, and not checked again", () => {
  const build = () =>
    workflow(head, (w) => {
      let previous = w.task("s0", { run });
      for (let i = 1; i < 100_000; i++) previous = w.task(`s${i}`, { needs: { previous }, run });
      return previous;
    });
  expect(processorMs(() => expect(build().code.size).toBe(100_000))).toBeLessThan(5_000);
  const { definition } = build();
  const again = processorMs(() => expect(validate(definition).definition).toBe(definition));
  expect(again).toBeLessThan(100);
});
