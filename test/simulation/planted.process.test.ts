/**
 * Does the oracle bite? Each bug here is planted in the engine, its heart or its parts, and the simulation must find it
 * within 200 seeds. A process of its own: modules are replaced.
 */
import { describe, expect, test, vi } from "vitest";
import type * as Persist from "../../src/engine/persist.ts";
import type * as Decide from "../../src/run/decide.ts";
import type * as Instances from "../../src/run/instance.ts";
import type { EngineParts } from "../../src/engine/parts.ts";
import type { Command, Decision, Refusal } from "../../src/run/commands.ts";
import type * as SeenNeeds from "../../src/run/seen.ts";
import type { NeedCounts, Run } from "../../src/run/state.ts";
import type { RunCommit } from "../../src/store/port.ts";
import type { SimulateOptions } from "../../src/testing/simulate.ts";
import { simulate } from "../../src/testing/simulate.ts";
import type { GraphStep } from "../../src/workflow/graph.ts";

const planted = vi.hoisted(() => ({ bug: "" }));

vi.mock("../../src/run/decide.ts", async (original) => {
  const real = await original<typeof Decide>();
  const nothing = (run: Run): Decision => ({ run, events: [], effects: [] });
  const decide = (run: Run, command: Command, now: number): Decision | Refusal => {
    if (planted.bug === "forgets what was lost" && command.type === "recover") return nothing(run);
    if (planted.bug === "pauses in memory only" && command.type === "pause") return nothing(run);
    if (planted.bug === "kills in memory only" && command.type === "kill") return nothing(run);
    if (planted.bug === "believes every epoch" && "token" in command && run.end === undefined) {
      const { status, epoch } = run.instances.at(command.token.instance);
      if (status === "running") return real.decide(run, { ...command, token: { ...command.token, epoch } }, now);
    }
    return real.decide(run, command, now);
  };
  return { ...real, decide };
});

vi.mock("../../src/run/instance.ts", async (original) => {
  const real = await original<typeof Instances>();
  const joinOf = (step: GraphStep, needs: NeedCounts): ReturnType<typeof real.joinOf> =>
    planted.bug === "skips the join" && needs.open > 0 && needs.completed > 0 ? "run" : real.joinOf(step, needs);
  return { ...real, joinOf };
});

vi.mock("../../src/run/seen.ts", async (original) => {
  const real = await original<typeof SeenNeeds>();
  const seenBy: typeof real.seenBy = (run, instance) => {
    const seen = real.seenBy(run, instance);
    return planted.bug === "mixes up what its needs gave" ? seen.map(({ name }) => ({ ...seen[0]!, name })) : seen;
  };
  return { ...real, seenBy };
});

vi.mock("../../src/engine/persist.ts", async (original) => {
  const real = await original<typeof Persist>();
  const persist: typeof real.persist = (parts, write, enough) => {
    const written = real.persist(parts, write, enough);
    return planted.bug === "acts before it is durable" ? (Promise.resolve() as typeof written) : written;
  };
  return { persist };
});

/** The first violation of this kind. */
async function found(kind: RegExp, options: SimulateOptions = {}): Promise<string | undefined> {
  for (let seed = 1; seed <= 200; seed++) {
    const { violations } = await simulate(seed, options);
    const one = violations.find((violation) => kind.test(violation));
    if (one !== undefined) return one;
  }
  return undefined;
}

describe("a bug in the heart or the loop is found", () => {
  test.each([
    ["skips the join", /began: .* (has not ended|needs are completed)/],
    ["forgets what was lost", /does not end|has been running for|with what nobody answered/],
    ["pauses in memory only", /pause .* was acknowledged, and the journal does not have it/],
    ["kills in memory only", /kill .* was acknowledged, and the journal does not have it/],
    ["believes every epoch", /took the answer of epoch|with what nobody answered/],
    ["mixes up what its needs gave", /is given .* which is not what its needs came to/],
    ["acts before it is durable", /but the journal has it|was shown before it was durable|does not have it/],
  ])("one that %s", async (bug, violation) => {
    planted.bug = bug;
    expect(await found(violation)).toBeDefined();
    planted.bug = "";
  });
});

const limits = (parts: EngineParts, more: number): EngineParts => ({
  ...parts,
  limits: { ...parts.limits, maxConcurrentTasks: parts.limits.maxConcurrentTasks + more },
});

/** Says that a commit is done, and does it with the next one: dying, it loses it. */
function forgetful(parts: EngineParts): EngineParts {
  const { store } = parts;
  let kept: readonly RunCommit[] | undefined;
  const commit = async (commits: readonly RunCommit[]): Promise<void> => {
    const before = kept;
    kept = commits;
    if (before) await store.commit(before);
  };
  return { ...parts, store: Object.assign(Object.create(store) as typeof store, { commit }) };
}

/** Every agent does its work twice. */
function twice(parts: EngineParts): EngineParts {
  return {
    ...parts,
    agents: parts.agents.map(({ card, executor }) => ({
      card,
      executor: {
        ...executor,
        execute: (attempt) => {
          void executor.execute(attempt);
          return executor.execute(attempt);
        },
      },
    })),
  };
}

/** Counts its waits by the wall clock. */
function byTheWall(parts: EngineParts): EngineParts {
  const { clock } = parts;
  return { ...parts, clock: { ...clock, uptime: clock.now } };
}

describe("a bug in what the engine is made of is found", () => {
  test.each<[string, (parts: EngineParts) => EngineParts, RegExp]>([
    ["a store that acknowledges what it has not written", forgetful, /before it was durable|journal/],
    ["an executor that begins an attempt twice", twice, /executes twice/],
    ["a slot too many", (parts) => limits(parts, 1), /tasks at a time, at most/],
    ["a slot too few", (parts) => limits(parts, -1), /waits, and it could begin|does not end/],
    ["a clock that jumps with the wall", byTheWall, /had \d+ of its|has been running for/],
  ])("%s", async (_bug, sabotage, violation) => {
    expect(await found(violation, { sabotage })).toBeDefined();
  });

  test("and without any of them nothing is found", async () => {
    expect(await found(/./)).toBeUndefined();
  });
});
