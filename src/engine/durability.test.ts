import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { TuttiError } from "../errors.ts";
import { INLINE_BYTES } from "../run/ref.ts";
import { openMemory } from "../store/memory/open.ts";
import { scripted } from "../testing/agents.ts";
import { Bench, byAgent, inline } from "../testing/bench.ts";
import { simulatedClock } from "../testing/clock.ts";
import { definitionOf } from "../testing/engine.ts";
import type { Fault } from "../testing/store.ts";
import { faultyStore } from "../testing/store.ts";

const SECOND = 1_000;

/** A bench with one agent `ada`, on a store that has these faults, one for each commit and blob. */
async function faulty(faults: readonly (Fault | undefined)[], reply: { readonly returns?: unknown } = { returns: 1 }) {
  const clock = simulatedClock();
  const ada = scripted("ada", [reply], clock);
  const left = [...faults];
  const store = (inner: ReturnType<typeof openMemory>) => faultyStore(inner, { clock, fault: () => left.shift() });
  return { clock, ada, bench: await Bench.open({ clock, agents: [ada], store }) };
}

describe("a commit that is refused", () => {
  test("is tried again until it is taken; meanwhile nothing is acknowledged, shown or executed", async () => {
    const { clock, ada, bench } = await faulty(Array.from({ length: 3 }, () => ({ kept: 0, ends: "refuse" })));
    let acknowledged = false;
    void bench.start("r", { a: byAgent("ada") }).then(() => (acknowledged = true));
    await clock.advance(2 * SECOND - 1);
    expect([acknowledged, ada.calls.length, await bench.engine.get("r")]).toEqual([false, 0, undefined]);
    await clock.advance(1);
    expect([acknowledged, ada.calls.length]).toEqual([true, 1]);
    expect((await bench.run("r")).end).toBe("completed");
    expect(bench.reports).toEqual(
      Array.from({ length: 3 }, () => "the store refuses to commit, trying again: the disk is full (simulated)"),
    );
  });

  test("or whose answer was lost, is done once", async () => {
    const { ada, bench } = await faulty([{ ends: "refuse" }, { ends: "refuse" }, { ends: "refuse" }]);
    await bench.clock.runUntil(bench.start("r", { a: byAgent("ada") }));
    await bench.ended("r");
    expect(ada.calls).toHaveLength(1);
    const seqs = (await bench.journal("r")).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  test("while the engine closes is told to who closes it, and to who waits for it", async () => {
    const { clock, bench } = await faulty([undefined, { kept: 0, ends: "refuse" }]);
    await bench.started("r", { a: byAgent("nobody") });
    const paused = bench.engine.post("r", { type: "pause" });
    const closed = bench.engine[Symbol.asyncDispose]();
    const both = await clock.runUntil(Promise.allSettled([paused, closed]));
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect((await openMemory(bench.rows).run("r"))?.paused).toBe(false);
  });

  test("is told to nobody as done: a second start of the same run is refused too", async () => {
    const { clock, bench } = await faulty([{ kept: 0, ends: "refuse" }]);
    const [first, second] = [bench.start("r", { a: byAgent("ada") }), bench.start("r", { a: byAgent("ada") })];
    const told = Promise.allSettled([first, second]);
    await Promise.resolve();
    const closed = bench.engine[Symbol.asyncDispose]().catch(() => undefined);
    await clock.runUntil(closed);
    expect((await told).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("a crash", () => {
  test("before the commit forgets what nobody was told; after it, what nobody was told is kept", async () => {
    for (const [kept, there] of [
      [0, false],
      [1, true],
    ] as const) {
      const { clock, ada, bench } = await faulty([{ kept, ends: "crash" }]);
      let acknowledged = false;
      void bench.start("r", { a: byAgent("ada") }).then(() => (acknowledged = true));
      await clock.advance(SECOND);
      expect([acknowledged, ada.calls.length]).toEqual([false, 0]);
      expect((await openMemory(bench.rows).run("r")) !== undefined).toBe(there);
    }
  });

  test("between two runs of one commit keeps the first, and a zombie writes nothing more", async () => {
    const clock = simulatedClock();
    let armed = false;
    const store = (inner: ReturnType<typeof openMemory>) =>
      faultyStore(inner, { clock, fault: (parts) => (armed && parts > 1 ? { kept: 1, ends: "crash" } : undefined) });
    const bench = await Bench.open({ clock, store });
    for (const id of ["r1", "r2"]) await bench.started(id, { a: byAgent("nobody") });
    armed = true;
    for (const id of ["r1", "r2"]) void bench.engine.post(id, { type: "pause" });
    await clock.advance(60 * SECOND);
    await using next = await Bench.open({ clock, rows: bench.rows });
    expect([(await next.run("r1")).paused, (await next.run("r2")).paused]).toEqual([true, false]);
  });
});

test("a run whose code is not there is stranded, and goes on when it is", async () => {
  const code = { work: () => "done" };
  const chain = { a: byAgent("ada"), b: inline("work", { needs: { a: "a" } }) };
  const clock = simulatedClock();
  const bench = await Bench.open({ clock, code });
  await bench.started("r", chain);
  await bench[Symbol.asyncDispose]();
  const ada = scripted("ada", [{}], clock);
  await using next = await Bench.open({ clock, rows: bench.rows, agents: [ada], code });
  expect((await next.run("r")).stranded).toEqual(["work"]);
  await clock.advance(60 * SECOND);
  expect(ada.calls).toEqual([]);
  next.register(definitionOf(chain, { id: "r" }));
  next.engine.codeAdded();
  next.engine.codeAdded();
  const run = await next.ended("r");
  expect([run.end, run.output]).toEqual(["completed", { json: '{"b":"done"}' }]);
  expect(ada.calls).toHaveLength(1);
});

describe("a value too large for the journal", () => {
  const large = { text: "x".repeat(INLINE_BYTES) };

  test("travels from step to step, into the output, and lies in the store once", async () => {
    const seen: unknown[] = [];
    const code = { make: () => large, look: (input: unknown) => void seen.push(input) };
    await using bench = await Bench.open({ code });
    await bench.started(
      "r",
      { a: inline("make"), b: inline("look", { needs: { a: "a" }, input: { of: "${needs.a}" } }) },
      {
        workflow: { output: { of: "${steps.a}" } },
      },
    );
    const { output } = await bench.ended("r");
    expect(seen).toEqual([{ of: large }]);
    expect(JSON.parse(await bench.engine.blob.get(output!))).toEqual({ of: large });
    expect(JSON.stringify(await bench.journal("r")).length).toBeLessThan(INLINE_BYTES / 4);
  });

  test("is stored later when the store refuses it for now: that is not the step's failure", async () => {
    const refuse = { kept: 0, ends: "refuse" } as const;
    const { clock, ada, bench } = await faulty([undefined, refuse, refuse], { returns: large });
    await bench.started("r", { a: byAgent("ada") });
    await clock.advance(2 * SECOND);
    expect(await bench.step("r", "a")).toMatchObject({ status: "completed", attempts: 1 });
    expect(ada.calls).toHaveLength(1);
  });
});

describe("a secret in what the owner wrote", () => {
  const resolveSecrets = (json: string): string => {
    if (json.includes("secret://NONE")) throw new TuttiError("SECRET_UNKNOWN", { name: "NONE" });
    return json.replaceAll("secret://KEY", "s3cret");
  };
  const give = (input: Record<string, string>) => ({ a: byAgent("ada", { input }) });

  test("reaches the agent, and the journal knows it by its name only", async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{}], clock);
    await using bench = await Bench.open({ clock, agents: [ada], resolveSecrets });
    await bench.started("r", give({ key: "secret://KEY", of: "${input}" }), { input: { json: '"secret://KEY"' } });
    await bench.ended("r");
    expect(ada.calls[0]?.input).toEqual({ key: "s3cret", of: "secret://KEY" });
    const shown = JSON.stringify({ key: "secret://KEY", of: "secret://KEY" });
    expect((await bench.step("r", "a")).inputHash).toBe(hash("sha256", shown));
    expect(JSON.stringify(await bench.journal("r"))).not.toContain("s3cret");
  });

  test("that is not known fails the step before it begins", async () => {
    const clock = simulatedClock();
    const ada = scripted("ada", [{}], clock);
    await using bench = await Bench.open({ clock, agents: [ada], resolveSecrets });
    await bench.started("r", give({ key: "secret://NONE" }));
    await bench.ended("r");
    expect((await bench.step("r", "a")).error).toMatchObject({ kind: "validation_error", code: "SECRET_UNKNOWN" });
    expect(ada.calls).toEqual([]);
  });
});
