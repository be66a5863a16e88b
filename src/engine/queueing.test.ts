import { describe, expect, test } from "vitest";
import { verifies } from "../../test/verifies.ts";
import { AGEING_MS } from "../task/order.ts";
import type { Scripted } from "../testing/agents.ts";
import { scripted } from "../testing/agents.ts";
import { Bench, byAgent } from "../testing/bench.ts";
import { simulatedClock } from "../testing/clock.ts";
import type { Priority, Step } from "../workflow/definition.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Four steps that need nothing. */
const four = (step: Step): Record<string, Step> => ({ a: step, b: step, c: step, d: step });

/** What an agent worked on, in order. */
const worked = (agent: Scripted): string[] => agent.calls.map(({ runId, path }) => `${runId}/${path}`);

describe("runs at a time", () => {
  test("wait for a slot by priority, then the oldest first", verifies("000-F031"), async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{ afterMs: SECOND }], clock);
    await using bench = await Bench.open({ clock, agents: [ada], limits: { maxConcurrentRuns: 1 } });
    const asked: readonly [string, Priority][] = [
      ["first", "normal"],
      ["low", "low"],
      ["older", "normal"],
      ["younger", "normal"],
      ["high", "high"],
    ];
    for (const [id, priority] of asked) await bench.started(id, { a: byAgent("ada") }, { priority });
    expect((await bench.run("high")).startedAt).toBeUndefined();
    for (const [id] of asked) await bench.ended(id);
    expect(worked(ada)).toEqual(["first/a", "high/a", "older/a", "younger/a", "low/a"]);
  });

  test("are as many after a restart, whichever is older", verifies("001-F013"), async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{ afterMs: MINUTE }], clock);
    const limits = { maxConcurrentRuns: 1, shutdownGraceMs: 0 };
    const bench = await Bench.open({ clock, agents: [ada], limits });
    await bench.started("holds", { a: byAgent("ada") });
    await bench.started("waits", { a: byAgent("ada") }, { priority: "low" });
    await bench.started("urgent", { a: byAgent("ada") }, { priority: "critical" });
    await bench[Symbol.asyncDispose]();
    await using next = await Bench.open({ clock, rows: bench.rows, agents: [ada], limits });
    await clock.settle();
    const begun = async (): Promise<string[]> => {
      const ids = ["holds", "waits", "urgent"];
      const runs = await Promise.all(ids.map((id) => next.run(id)));
      return runs.filter(({ startedAt, end }) => startedAt !== undefined && end === undefined).map(({ id }) => id);
    };
    expect(await begun()).toEqual(["holds"]);
    await next.ended("holds");
    await clock.settle();
    expect(await begun()).toEqual(["urgent"]);
  });
});

describe("tasks at a time", () => {
  test("of one run are at most its concurrency", verifies("001-F007"), async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{ afterMs: SECOND }], clock);
    await using bench = await Bench.open({ clock, agents: [ada] });
    await bench.started("r", four(byAgent("ada")), { workflow: { concurrency: 3 } });
    await clock.settle();
    expect((await bench.run("r")).tally).toMatchObject({ running: 3, ready: 1 });
    await clock.advance(SECOND);
    expect((await bench.run("r")).tally).toMatchObject({ running: 1, completed: 3 });
  });

  test("of all runs are at most maxConcurrentTasks", verifies("001-F085"), async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{ afterMs: SECOND }], clock);
    await using bench = await Bench.open({ clock, agents: [ada], limits: { maxConcurrentTasks: 5 } });
    await bench.started("r1", four(byAgent("ada")));
    await bench.started("r2", four(byAgent("ada")));
    await clock.settle();
    expect(worked(ada)).toEqual(["r1/a", "r1/b", "r1/c", "r1/d", "r2/a"]);
    await clock.advance(SECOND);
    expect(ada.calls).toHaveLength(8);
  });

  test("go to the least loaded agent that fits, at most its maxConcurrency each; the reason is kept", async () => {
    const clock = simulatedClock();
    const reply = [{ afterMs: SECOND }];
    const two = scripted({ id: "two", capabilities: ["count"], maxConcurrency: 2 }, reply, clock);
    const one = scripted({ id: "one", capabilities: ["count"], maxConcurrency: 1 }, reply, clock);
    const other = scripted({ id: "other", capabilities: ["write"] }, reply, clock);
    await using bench = await Bench.open({ clock, agents: [two, one, other] });
    await bench.started("r", four({ kind: "task", agent: { capabilities: ["count"] } }));
    await clock.settle();
    expect([worked(two), worked(one), worked(other)]).toEqual([["r/a", "r/c"], ["r/b"], []]);
    expect((await bench.step("r", "b")).why).toBe("the least loaded of 2 free (2 fit): 0 of 1 slots taken");
    expect((await bench.step("r", "d")).status).toBe("ready");
    await clock.advance(SECOND);
    expect((await bench.step("r", "d")).agent).toBe("two");
  });

  test("begin as soon as an agent that fits is there", async () => {
    await using bench = await Bench.open();
    const { clock, engine } = bench;
    await bench.started("r", { a: byAgent("ada") });
    await clock.advance(MINUTE);
    const ada = scripted("ada", [{ returns: 7 }], clock);
    const executor = { restart: "lost" as const, execute: () => ({ ok: true as const, json: "7" }) };
    engine.addAgents([{ card: ada.card, executor }]);
    await clock.settle();
    expect((await bench.run("r")).output).toEqual({ json: '{"a":7}' });
  });
});

describe("the order of tasks", () => {
  test(
    "is the run's priority, the step's, the older run, the longest way to the end, then who was ready first",
    verifies("001-F111"),
    async () => {
      const clock = simulatedClock();
      const ada = scripted({ id: "ada", maxConcurrency: 1 }, [{ afterMs: SECOND }], clock);
      await using bench = await Bench.open({ clock, agents: [ada] });
      await bench.started("holds", { a: byAgent("ada") });
      const long = { short: byAgent("ada"), long: byAgent("ada"), after: byAgent("ada", { needs: { l: "long" } }) };
      await bench.started("normal", { ...long, first: byAgent("ada", { priority: "high" }) });
      await bench.started("same", { a: byAgent("ada") });
      await bench.started("high", { a: byAgent("ada", { priority: "low" }) }, { priority: "high" });
      await bench.ended("same");
      expect(worked(ada).slice(0, 6)).toEqual([
        "holds/a",
        "high/a",
        "normal/first",
        "normal/long",
        "normal/short",
        "normal/after",
      ]);
    },
  );

  test.each([
    ["just before it has waited so long, a low task still stands behind a normal one", -SECOND, "normal"],
    ["having waited so long, a low task goes by its age", SECOND, "low"],
  ])("gains a class for every ten minutes of waiting: %s", async (_what, more, first) => {
    const clock = simulatedClock();
    const ada = scripted({ id: "ada", maxConcurrency: 1 }, [{ afterMs: AGEING_MS + more }, { afterMs: 1 }], clock);
    await using bench = await Bench.open({ clock, agents: [ada] });
    const timeout = { timeout: { scheduleToStartMs: 60 * MINUTE, startToCloseMs: 60 * MINUTE } };
    await bench.started("holds", { a: byAgent("ada", timeout) });
    await bench.started("low", { a: byAgent("ada", timeout) }, { priority: "low" });
    await clock.advance(9 * MINUTE);
    await bench.started("normal", { a: byAgent("ada", timeout) });
    await bench.ended(first);
    expect(ada.calls.map(({ runId }) => runId).slice(0, 2)).toEqual(["holds", first]);
  });
});
