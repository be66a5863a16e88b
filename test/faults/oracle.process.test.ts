/** The oracle notices what it is there for: an engine that lies, and every kind of damage to what an honest one left. */
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/run/events.ts";
import { builtPackage } from "./built.ts";
import { playRound } from "./lane.ts";
import { Oracle, type Snapshot, type Stored, type Witness } from "./oracle.ts";
import type { RunPlan } from "./plan.ts";

beforeAll(builtPackage, 180_000);

describe("an engine that lies is caught", () => {
  test("one that acknowledges before the promise has resolved", async () => {
    const { violations } = await playRound({ seed: 1, kills: 1, broken: "ack", crash: "commit.before:1" });
    expect(violations.join("\n")).toMatch(/I1 start of run-\d+ was acknowledged, and there is no such run/);
  });

  test("one that goes on before its commit is durable", async () => {
    const { violations } = await playRound({ seed: 1, kills: 1, broken: "commit", crash: "start:1" });
    expect(violations.join("\n")).toMatch(/I3 .* was executed, and the store does not know its run/);
  });
});

describe("damage to what an honest engine left is found", () => {
  let snapshot: Snapshot;
  let plans: readonly RunPlan[];
  let first: Stored;
  let line: Witness;

  beforeAll(async () => {
    const { violations } = await playRound({
      seed: 5,
      kills: 1,
      watch: (seen, of) => {
        snapshot = seen;
        plans = of;
      },
    });
    expect(violations).toEqual([]);
    // A step that was executed once, completed, and saw what another one made.
    line = snapshot.witness.find(
      ({ what, run, path, needs }) =>
        what === "start" &&
        Object.keys(needs ?? {}).length > 0 &&
        snapshot.witness.filter((other) => other.run === run && other.path === path).length === 2 &&
        instanceOf(run, path)?.status === "completed",
    ) as Witness;
    first = snapshot.stored.find(({ run }) => run.id === line.run) as Stored;
  }, 60_000);

  const instanceOf = (id: string, path: string) =>
    [...(snapshot.stored.find(({ run }) => run.id === id)?.run.instances ?? [])].find((one) => one.path === path);
  const found = (change: Partial<Snapshot>): string => new Oracle(plans).check({ ...snapshot, ...change }).join("\n");
  const withEvents = (change: (events: readonly RunEvent[]) => readonly RunEvent[]): Partial<Snapshot> => ({
    stored: snapshot.stored.map((one) => (one === first ? { ...one, events: change(one.events) } : one)),
  });
  const numbered = (events: readonly RunEvent[]) => events.map((event, at) => ({ ...event, seq: at + 1 }));
  const ofStep = (type: string) => (event: RunEvent) => event.type === type && event.path === line.path;

  test("nothing is found where nothing is wrong", () => {
    expect(found({})).toBe("");
  });

  test("an acknowledged start, cancel or pause that is not there", () => {
    const acked = (verb: "start" | "cancel" | "pause", run: string) =>
      found({ acks: [...snapshot.acks, { what: "done", verb, run }] });
    const quiet = snapshot.stored.find(({ run }) => !run.stopping)?.run.id ?? "";
    expect(acked("start", "run-99")).toContain("I1 start of run-99");
    expect(acked("cancel", quiet)).toContain(`I1 cancel of ${quiet}`);
    const open = { ...first, run: { ...first.run, end: undefined } };
    expect(found({ stored: [open], acks: [{ what: "done", verb: "pause", run: line.run }] })).toContain("I1 pause");
  });

  test("a step that ends twice, or begins before its need has ended", () => {
    const twice = withEvents((events) => numbered([...events, events.find(ofStep("step.completed")) as RunEvent]));
    expect(found(twice)).toContain(`I2 step.completed of ${line.run}/${line.path}`);
    const early = withEvents(([created, ...rest]) =>
      numbered([created as RunEvent, rest.find(ofStep("step.started")) as RunEvent, ...rest]),
    );
    expect(found(early)).toContain(`I3 ${line.run}/${line.path} began before`);
  });

  test("an execution too many, one after the end, two at a time, one with a strange key", () => {
    const again = { ...line, once: "another" };
    expect(found({ witness: [...snapshot.witness, again] })).toContain("I4");
    expect(found({ witness: [...snapshot.witness, again, { ...line, what: "end" }] })).toContain("at the same time");
    expect(found({ witness: [...snapshot.witness, { ...again, key: "k" }] })).toContain("two idempotency keys");
    const oracle = new Oracle(plans);
    expect(oracle.check(snapshot)).toEqual([]);
    expect(oracle.check({ ...snapshot, witness: [...snapshot.witness, again] }).join()).toContain("after its end");
  });

  test("a result nobody gave, and a value nobody committed", () => {
    const ends = (one: Witness) => one.what === "end" && one.once === line.once;
    expect(found({ witness: snapshot.witness.filter((one) => !ends(one)) })).toContain("no execution gave");
    const needs = Object.fromEntries(Object.keys(line.needs ?? {}).map((name) => [name, { once: "uncommitted" }]));
    const witness = snapshot.witness.map((one) => (one === line ? { ...line, needs } : one));
    expect(found({ witness })).toContain("what was never committed");
  });

  test("a gap in the journal, rows that differ from it, a change after the end", () => {
    expect(found(withEvents((events) => events.filter((_, at) => at !== 5)))).toContain("I7");
    const other = { ...first, run: { ...first.run, paused: !first.run.paused } };
    const stored = snapshot.stored.map((one) => (one === first ? other : one));
    expect(found({ stored })).toContain(`I7 the rows of ${line.run} differ`);
    const oracle = new Oracle(plans);
    oracle.check(snapshot);
    expect(oracle.check({ ...snapshot, stored }).join()).toContain(`I6 ${line.run} changed after its end`);
  });

  test("a run that has not ended, or has ended otherwise than undisturbed", () => {
    const oracle = new Oracle(plans);
    const open = snapshot.stored.map((one) => ({ ...one, run: { ...one.run, end: undefined } }));
    expect(oracle.checkEnds(open, {})).toHaveLength(plans.length);
    const certain = plans.find((plan) => plan.certain)?.id;
    expect(oracle.checkEnds(snapshot.stored, {}).join()).toContain(`I5 ${certain}`);
  });
});
