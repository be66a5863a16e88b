/** DESIGN 5.21: the cost of a step is the same at 10 and at 100,000 steps. Through `decide` alone. */
import { afterAll, describe, expect, test } from "vitest";
import type { Command, Decision, Effect } from "../../src/run/commands.ts";
import { create, decide } from "../../src/run/decide.ts";
import { pin } from "../../src/run/pinned.ts";
import type { Pinned } from "../../src/run/pinned.ts";
import type { Run } from "../../src/run/state.ts";
import { Play, definitionOf, failureOf, refOf, task } from "../../src/testing/heart.ts";
import type { Step } from "../../src/workflow/definition.ts";

const SIZE = 100_000;
const OUTPUT = refOf("output");

/** A run driven as an engine drives it, and nothing else kept. */
class Driven {
  run: Run;
  events = 0;
  private now = 1_795_000_000_000;
  private readonly queue: Extract<Effect, { type: "offer" }>[] = [];

  constructor(pinned: Pinned) {
    const { start } = new Play(definitionOf({}));
    this.run = create(start, pinned, this.now).run;
    this.post({ type: "admit" });
  }

  post(command: Command): Decision {
    const decision = decide(this.run, command, ++this.now);
    if ("refused" in decision) throw new Error(`${command.type}: ${decision.refused}`);
    this.run = decision.run;
    this.events += decision.events.length;
    for (const effect of decision.effects) if (effect.type === "offer") this.queue.push(effect);
    return decision;
  }

  /** Leases what is offered and completes it, `steps` times or until nothing is offered. */
  work(steps = Infinity): void {
    for (let done = 0; done < steps; done++) {
      const offer = this.queue.pop();
      if (!offer) return;
      const { instance } = offer;
      const { effects } = this.post({ type: "lease", instance, agent: "a", why: "the only one", inputHash: "hash" });
      const [execute] = effects;
      if (execute?.type !== "execute") throw new Error("a lease executes");
      const { attempt, epoch } = execute;
      this.post({ type: "complete", token: { instance, attempt, epoch }, output: OUTPUT });
    }
  }

  end(): void {
    this.post({ type: "answer", instance: -1, answer: { role: "output", output: OUTPUT } });
    expect(this.run.end).toBe("completed");
  }
}

function chain(length: number): Pinned {
  const steps: Record<string, Step> = {};
  for (let i = 0; i < length; i++) steps[`s${i}`] = task(i === 0 ? [] : [`s${i - 1}`]);
  return pin(definitionOf(steps));
}

function fan(width: number): Pinned {
  const steps: Record<string, Step> = { first: task() };
  const all: string[] = [];
  for (let i = 0; i < width; i++) {
    steps[`s${i}`] = task(["first"]);
    all.push(`s${i}`);
  }
  steps["last"] = task(all);
  return pin(definitionOf(steps));
}

const measured: string[] = [];
afterAll(() => console.log(`the heart at ${SIZE} steps: ${measured.join("; ")}`));

/** µs of this process per event that `work` made of these runs: what other processes take does not count. */
function perEvent(what: string, runs: readonly Driven[], work: (run: Driven) => void): number {
  const count = (): number => runs.reduce((sum, { events }) => sum + events, 0);
  const before = count();
  const used = process.cpuUsage();
  runs.forEach(work);
  const { user, system } = process.cpuUsage(used);
  expect(user + system, `${what}: µs in all`).toBeLessThan(10_000_000);
  const each = (user + system) / (count() - before);
  measured.push(`${what} ${each.toFixed(1)} µs an event`);
  return each;
}

describe("100,000 steps", () => {
  const longest = chain(SIZE);
  const widest = fan(SIZE - 2);

  test("in a chain cost as much each at its end as at its beginning", () => {
    const driven = new Driven(longest);
    driven.work(SIZE / 10);
    const early = perEvent("chain, 2nd to 4th tenth", [driven], () => driven.work((SIZE * 3) / 10));
    driven.work((SIZE * 3) / 10);
    const late = perEvent("8th to 10th tenth", [driven], () => driven.work());
    driven.end();
    expect(driven.events).toBe(2 * SIZE + 2);
    expect(late / early).toBeLessThan(4);
  });

  test("in one chain cost about as much each as in chains of 100", () => {
    const short = chain(100);
    const runs = Array.from({ length: SIZE / 100 }, () => new Driven(short));
    const few = perEvent("chains of 100", runs, (run) => run.work());
    const many = perEvent("one chain", [new Driven(longest)], (run) => run.work());
    expect(many / few).toBeLessThan(10);
  });

  test("side by side, out of one and into one", () => {
    const driven = new Driven(widest);
    perEvent("fan out and in", [driven], () => driven.work());
    driven.end();
    expect(driven.events).toBe(2 * SIZE + 2);
  });

  test("are skipped without recursion when the first fails", () => {
    const driven = new Driven(longest);
    driven.post({ type: "lease", instance: 0 });
    const token = { instance: 0, attempt: 1, epoch: 1 };
    perEvent("skips", [driven], () => driven.post({ type: "fail", token, failure: failureOf("validation_error") }));
    expect(driven.run).toMatchObject({ end: "failed", tally: { failed: 1, skipped: SIZE - 1 } });
  });

  test("are cancelled in one decision", () => {
    for (const [what, pinned] of [
      ["chain", longest],
      ["fan", widest],
    ] as const) {
      const driven = new Driven(pinned);
      driven.work(1);
      perEvent(`cancelling the ${what}`, [driven], () => driven.post({ type: "cancel" }));
      expect(driven.run).toMatchObject({ end: "cancelled", tally: { completed: 1, cancelled: SIZE - 1 } });
    }
  });

  test("are recovered in one decision", () => {
    const driven = new Driven(widest);
    driven.work(1);
    const used = process.cpuUsage();
    const { effects } = driven.post({ type: "recover" });
    const { user } = process.cpuUsage(used);
    measured.push(`recover ${(user / 1000).toFixed(0)} ms`);
    expect(effects.length).toBe(SIZE - 2);
  });
});
