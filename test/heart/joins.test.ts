/** Every step of a random graph ends as DESIGN 3.4 says (model.ts), in whatever order its leaves end. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { seeded } from "../../src/std/random.ts";
import type { Random } from "../../src/std/random.ts";
import { Play, refOf } from "../../src/testing/heart.ts";
import type { Fragment, Step, WorkflowDefinition } from "../../src/workflow/definition.ts";
import { definitions } from "./definitions.ts";
import { endsOf } from "./model.ts";
import type { End, Fate } from "./model.ts";

/** The joins of a definition, and nothing that would make an end a matter of order or of luck. */
function plain({ steps }: Fragment): Fragment {
  return { steps: Object.fromEntries(Object.entries(steps).map(([id, step]) => [id, plainStep(step)])) };
}

function plainStep({ needs, join, ...step }: Step): Step {
  const base = {
    ...(needs && { needs }),
    ...(join && { join }),
    when: { code: "x.when" },
    onError: { budget_exceeded: "skip" as const },
  };
  if (step.kind === "task") return { kind: "task", ...base };
  const branches = Object.entries(step.branches).map(([name, branch]) => [name, plain(branch)]);
  return { kind: "choose", by: step.by, branches: Object.fromEntries(branches), ...base };
}

const FATES: readonly Fate[] = ["completed", "completed", "completed", "failed", "cancelled", "handled", "not_taken"];

function fatesOf({ steps }: Fragment, random: Random, fates = new Map<string, Fate>(), prefix = ""): Map<string, Fate> {
  const oneOf = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  for (const [id, step] of Object.entries(steps)) {
    const path = prefix + id;
    const fate = oneOf(FATES);
    const branch = step.kind === "choose" ? oneOf(Object.keys(step.branches)) : undefined;
    fates.set(path, branch === undefined || fate === "not_taken" ? fate : { branch });
    if (step.kind === "choose")
      for (const [name, inner] of Object.entries(step.branches)) fatesOf(inner, random, fates, `${path}:${name}/`);
  }
  return fates;
}

/** Lets each step come to its fate, one at a time in an order of `random`'s. */
function playOut(definition: WorkflowDefinition, fates: ReadonlyMap<string, Fate>, random: Random): Play {
  const play = new Play(definition);
  play.do({ type: "admit" });
  while (play.run.end === undefined) {
    const waiting = [...play.asked.values()];
    const asked = waiting[Math.floor(random() * waiting.length)];
    if (!asked) throw new Error(`waits for nothing: ${JSON.stringify(play.statuses())}`);
    if (asked.instance === -1) {
      play.output();
      continue;
    }
    const { path } = play.run.instances.at(asked.instance);
    const fate = fates.get(path) as Fate;
    if (asked.type === "offer") play.lease(path);
    else if (asked.type === "attempt") comeTo(play, path, fate);
    else if (asked.role === "when") play.when(path, fate !== "not_taken");
    else if (asked.role === "by") play.choose(path, (fate as { branch: string }).branch);
    else play.output(path);
  }
  return play;
}

function comeTo(play: Play, path: string, fate: Fate): void {
  const token = play.token(path);
  if (fate === "completed") play.do({ type: "complete", token, output: refOf(path) });
  else if (fate === "cancelled") play.do({ type: "stopped", token });
  else play.fail(path, fate === "handled" ? "budget_exceeded" : "validation_error");
}

test("every step and the run end as the rules of joins say, whatever ends first", () => {
  const ended = new Map<End, number>();
  fc.assert(
    fc.property(definitions, fc.integer(), fc.boolean(), (random, seed, partial) => {
      const definition: WorkflowDefinition = {
        tutti: "1",
        id: "joins",
        version: "1",
        ...plain(random),
        ...(partial && { onFailure: "partial" }),
      };
      const luck = seeded(seed);
      const fates = fatesOf(definition, luck);
      const ends = new Map<string, End>();
      const fails = endsOf(definition, fates, ends);
      const { run, ...play } = playOut(definition, fates, luck);
      const statuses = Object.fromEntries(Array.from(run.instances, (i) => [i.path, i.reason ?? i.status]));
      expect(statuses).toEqual(Object.fromEntries(ends));
      expect({ end: run.end, partial: run.partial, failed: run.error !== undefined }).toEqual({
        end: fails && !partial ? "failed" : "completed",
        partial: fails && partial,
        failed: fails,
      });
      expect(play.journal.filter(({ type }) => type === "step.started").length).toBeLessThanOrEqual(ends.size);
      for (const end of ends.values()) ended.set(end, (ended.get(end) ?? 0) + 1);
    }),
    { numRuns: 100 },
  );
  // Each kind of end has been met often enough to mean something.
  const rare = ["completed", "failed", "cancelled", "handled", "not_taken", "upstream_failed", "upstream_cancelled"];
  expect(rare.filter((end) => (ended.get(end as End) ?? 0) < 10)).toEqual([]);
});
