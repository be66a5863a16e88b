import { describe, expect, test } from "vitest";
import { verifies } from "../../test/verifies.ts";
import type { Context } from "../agent/context.ts";
import type { Command } from "../run/commands.ts";
import { sleep } from "../std/clock.ts";
import { scripted } from "../testing/agents.ts";
import { Bench, byAgent, inline } from "../testing/bench.ts";
import { simulatedClock } from "../testing/clock.ts";

const SECOND = 1_000;
const chain = { a: inline("work"), b: inline("work", { needs: { a: "a" } }) };

/** A bench whose inline code is `work`. */
async function working(work: (input: unknown, context: Context) => unknown, more = {}) {
  return Bench.open({ code: { work }, ...more });
}

const post = (bench: Bench, command: Command): Promise<void> => bench.clock.runUntil(bench.engine.post("r", command));

describe("pause", () => {
  test(
    "begins nothing more, lets what runs finish; resume goes on and repeats nothing",
    verifies("001-F060"),
    async () => {
      const clock = simulatedClock();
      const calls: string[] = [];
      const work = async (_input: unknown, { path }: Context): Promise<void> => {
        calls.push(path);
        await sleep(clock, SECOND);
      };
      await using bench = await working(work, { clock });
      await bench.started("r", chain);
      await post(bench, { type: "pause" });
      await post(bench, { type: "pause" });
      await clock.advance(60 * SECOND);
      expect((await bench.step("r", "a")).status).toBe("completed");
      expect((await bench.step("r", "b")).status).toBe("ready");
      await post(bench, { type: "resume" });
      expect((await bench.ended("r")).end).toBe("completed");
      expect(calls).toEqual(["a", "b"]);
    },
  );

  test("holds across a restart", async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{}], clock);
    const bench = await Bench.open({ clock });
    await bench.started("r", { a: byAgent("ada") });
    await post(bench, { type: "pause" });
    await bench[Symbol.asyncDispose]();
    await using next = await Bench.open({ clock, rows: bench.rows, agents: [ada] });
    await clock.advance(60 * SECOND);
    expect(ada.calls).toEqual([]);
    await post(next, { type: "resume" });
    expect((await next.ended("r")).end).toBe("completed");
  });
});

describe("cancel", () => {
  test("tells what runs to stop, and the run ends when it has", verifies("001-F062"), async () => {
    const clock = simulatedClock();
    const stops = async (_input: unknown, { signal }: Context): Promise<void> => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await sleep(clock, 3 * SECOND);
      throw signal.reason;
    };
    await using bench = await working(stops, { clock });
    await bench.started("r", chain);
    await clock.settle();
    await post(bench, { type: "cancel", reason: "enough" });
    await clock.advance(3 * SECOND - 1);
    expect((await bench.run("r")).end).toBeUndefined();
    expect((await bench.step("r", "a")).status).toBe("running");
    expect((await bench.step("r", "b")).status).toBe("cancelled");
    await clock.advance(1);
    expect(await bench.run("r")).toMatchObject({
      end: "cancelled",
      inconsistent: false,
      stopping: { reason: "enough" },
    });
    expect((await bench.step("r", "a")).abandoned).toBe(false);
  });

  test("gives up what does not stop within the abort's grace, and says which", async () => {
    const clock = simulatedClock();
    await using bench = await working(() => new Promise(() => undefined), { clock, limits: { abortGraceMs: 2_000 } });
    await bench.started("r", chain);
    await clock.settle();
    await post(bench, { type: "cancel" });
    await clock.advance(1_999);
    expect((await bench.run("r")).end).toBeUndefined();
    await clock.advance(1);
    expect((await bench.run("r")).end).toBe("cancelled");
    expect((await bench.step("r", "a")).abandoned).toBe(true);
  });

  test("that comes second to a result leaves the result", async () => {
    const clock = simulatedClock();
    await using bench = await working(
      async () => {
        await sleep(clock, SECOND);
        return "made it";
      },
      { clock },
    );
    await bench.started("r", chain);
    await clock.settle();
    await post(bench, { type: "cancel" });
    await clock.advance(SECOND);
    expect((await bench.step("r", "a")).output).toEqual({ json: '"made it"' });
    expect((await bench.run("r")).end).toBe("cancelled");
  });
});

test("kill ends the run at once and says that something may still be going on", async () => {
  const clock = simulatedClock();
  const ada = scripted("ada", [{ afterMs: SECOND, returns: "late", ignoresAbort: true }], clock);
  await using bench = await Bench.open({ clock, agents: [ada] });
  await bench.started("r", { a: byAgent("ada") });
  await clock.settle();
  await post(bench, { type: "kill", reason: "now" });
  expect(await bench.run("r")).toMatchObject({ end: "cancelled", inconsistent: true });
  const before = await bench.journal("r");
  await clock.advance(SECOND);
  expect(await bench.journal("r")).toEqual(before);
});

describe("closing the engine", () => {
  test("lets what runs finish within the shutdown's grace", async () => {
    const clock = simulatedClock();
    const work = async (): Promise<string> => {
      await sleep(clock, SECOND);
      return "done";
    };
    const bench = await working(work, { clock, limits: { shutdownGraceMs: SECOND } });
    await bench.started("r", chain);
    await clock.settle();
    await bench[Symbol.asyncDispose]();
    const types = (await bench.journal("r")).map(({ type, path }) => `${type} ${path ?? ""}`.trim());
    expect(types.slice(2)).toEqual(["step.started a", "step.completed a"]);
  });

  test("hands back the rest, and it counts as nobody's attempt", verifies("002-F014"), async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{ never: true }, { returns: 1 }], clock);
    const steps = { a: byAgent("ada", { retry: { maximumAttempts: 1 } }) };
    const bench = await Bench.open({ clock, agents: [ada] });
    await bench.started("r", steps);
    await clock.settle();
    await bench[Symbol.asyncDispose]();
    await using next = await Bench.open({ clock, rows: bench.rows, agents: [ada] });
    await clock.settle();
    expect(await next.step("r", "a")).toMatchObject({ status: "completed", attempts: 1, recoveries: 0, epoch: 2 });
    expect(ada.calls.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(new Set(ada.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  test("what died with its engine counts as a recovery, not as an attempt", async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{ never: true, ignoresAbort: true }, { returns: 1 }], clock);
    const bench = await Bench.open({ clock, agents: [ada] });
    await bench.started("r", { a: byAgent("ada", { retry: { maximumAttempts: 1 } }) });
    await clock.settle();
    await using next = await Bench.open({ clock, rows: bench.rows.clone(), agents: [ada] });
    await clock.settle();
    expect(await next.step("r", "a")).toMatchObject({ status: "completed", attempts: 1, recoveries: 1, epoch: 2 });
  });

  test("tells whoever waits, and takes nothing more", async () => {
    const clock = simulatedClock();
    const bench = await working(() => sleep(clock, 60 * SECOND), { clock });
    await bench.started("r", chain);
    const waits = bench.engine.whenEnded("r");
    const follows = (async () => {
      const seen = [];
      for await (const event of bench.engine.subscribe("r", 0, new AbortController().signal)) seen.push(event.seq);
      return seen;
    })();
    const both = Promise.allSettled([waits, follows]);
    await bench[Symbol.asyncDispose]();
    const closed = { status: "rejected", reason: { code: "CLOSED" } };
    expect(await both).toMatchObject([closed, closed]);
    const later = [post(bench, { type: "pause" }), bench.start("s", chain), bench.engine.whenEnded("r")];
    expect(await Promise.allSettled(later)).toMatchObject([closed, closed, closed]);
  });
});
