/**
 * What must hold after every crash (RELIABILITY.md 2.1), told from three independent sources: the store, what the
 * executed code itself wrote down (witness), and what the engine's caller was told (acks).
 */
import { isDeepStrictEqual } from "node:util";
import type { RunEvent } from "../../src/run/events.ts";
import { fold } from "../../src/run/evolve.ts";
import { isEnded } from "../../src/run/instance.ts";
import type { Instance, Run } from "../../src/run/state.ts";
import type { Json } from "../../src/std/json.ts";
import type { PlacedStep, RunPlan } from "./plan.ts";
import { placedSteps } from "./plan.ts";

/** One line of the code that was executed. */
export interface Witness {
  readonly what: "start" | "end";
  readonly by: "function" | "program";
  readonly key: string;
  readonly run: string;
  readonly path: string;
  readonly attempt: number;
  /** Only programs are told. */
  readonly epoch?: number;
  /** Of this one execution; completed steps have it as their output. */
  readonly once: string;
  readonly needs?: Readonly<Record<string, Json>>;
}

/** One line of the caller: asked something of a run, then was told that it is done, or refused. */
export interface Ack {
  readonly what: "asked" | "done" | "refused";
  readonly run: string;
  readonly verb: "start" | "pause" | "resume" | "cancel" | "kill";
}

export interface Stored {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  /** Of completed steps, by path; of a `pad` its size. */
  readonly outputs: ReadonlyMap<string, Json>;
}

export interface Snapshot {
  readonly stored: readonly Stored[];
  /** All lines so far. */
  readonly witness: readonly Witness[];
  readonly acks: readonly Ack[];
}

/** A step, all that was seen of it, and what the store says. */
interface Executed {
  readonly name: string;
  readonly lines: readonly Witness[];
  readonly stored: Stored;
  readonly instance: Instance;
  /** All instances of its run, by path. */
  readonly known: ReadonlyMap<string, Instance>;
}

/** How runs end, and their steps by path (of a skip: why). */
export type Expected = Readonly<
  Record<string, { readonly status: string; readonly steps: Readonly<Record<string, string>> }>
>;

export class Oracle {
  private readonly plans: ReadonlyMap<string, RunPlan>;
  private readonly placed: ReadonlyMap<string, ReadonlyMap<string, PlacedStep>>;
  /** As the last snapshot had them: runs that have ended, and steps that have ended. */
  private readonly endedRuns = new Map<string, Stored>();
  private readonly endedSteps = new Set<string>();
  /** By run and path; and who has which idempotency key. */
  private readonly lines = new Map<string, Map<string, Witness[]>>();
  private readonly keys = new Map<string, string>();
  private linesRead = 0;

  constructor(plans: readonly RunPlan[]) {
    this.plans = new Map(plans.map((plan) => [plan.id, plan]));
    this.placed = new Map(plans.map((plan) => [plan.id, placedSteps(plan)]));
  }

  /** A run that had ended at the last snapshot: nothing is to follow. */
  ended(runId: string): Stored | undefined {
    return this.endedRuns.get(runId);
  }

  /** Everything that is wrong now, each with the invariant it breaks. Snapshots come in the order of the crashes. */
  check(snapshot: Snapshot): readonly string[] {
    const byRun = new Map(snapshot.stored.map((stored) => [stored.run.id, stored]));
    const wrong = [...this.checkAcks(snapshot.acks, byRun), ...this.read(snapshot.witness, byRun)];
    for (const stored of snapshot.stored) {
      const before = this.endedRuns.get(stored.run.id);
      if (!before) wrong.push(...this.checkStored(stored), ...this.checkWitness(stored));
      else if (before.events !== stored.events || !isDeepStrictEqual(plain(before.run), plain(stored.run)))
        wrong.push(`I6 ${stored.run.id} changed after its end`);
      if (before || !stored.run.end) continue;
      this.endedRuns.set(stored.run.id, stored);
    }
    for (const { run } of snapshot.stored)
      for (const { status, path } of run.instances) if (isEnded(status)) this.endedSteps.add(`${run.id}/${path}`);
    return wrong;
  }

  /** After the last life: every run has ended, and where that is certain as it does when nobody disturbs it. */
  checkEnds(stored: readonly Stored[], expected: Expected): readonly string[] {
    const runs = new Map(stored.map(({ run }) => [run.id, run]));
    return [...this.plans.values()].flatMap(({ id, certain }) => {
      const run = runs.get(id);
      if (!run?.end) return [`I5 ${id} has not ended`];
      if (!certain) return [];
      const ends = Object.fromEntries(
        Array.from(run.instances, ({ path, status, reason }) => [path, reason ?? status]),
      );
      const { status, steps } = expected[id] ?? { status: "nothing", steps: {} };
      const differ = Object.keys({ ...ends, ...steps }).filter((path) => ends[path] !== steps[path]);
      return [
        ...(run.end === status ? [] : [`I5 ${id} ended ${run.end}, undisturbed it ends ${status}`]),
        ...differ.map(
          (path) => `I5 ${id}/${path} ended ${ends[path]}, undisturbed it ends ${steps[path]}${why(run, path)}`,
        ),
      ];
    });
  }

  /** I1: what was acknowledged is there; what was asked after it may be. */
  private checkAcks(acks: readonly Ack[], byRun: ReadonlyMap<string, Stored>): readonly string[] {
    const wrong: string[] = [];
    const settled = new Map<string, Ack["verb"] | undefined>();
    for (const { what, run, verb } of acks) {
      if (verb === "pause" || verb === "resume") settled.set(run, what === "done" ? verb : undefined);
      if (what !== "done") continue;
      const stored = byRun.get(run);
      if (!stored) wrong.push(`I1 ${verb} of ${run} was acknowledged, and there is no such run`);
      else if (verb === "cancel" && !stored.run.stopping)
        wrong.push(`I1 cancel of ${run} was acknowledged, and it is not stopping`);
      else if (verb === "kill" && !stored.run.inconsistent)
        wrong.push(`I1 kill of ${run} was acknowledged, and it is not killed`);
    }
    for (const [run, verb] of settled) {
      const now = byRun.get(run)?.run;
      if (verb && now && !now.end && now.paused !== (verb === "pause"))
        wrong.push(`I1 ${verb} of ${run} was acknowledged, and it is ${now.paused ? "" : "not "}paused`);
    }
    return wrong;
  }

  private checkStored({ run, events }: Stored): readonly string[] {
    const wrong: string[] = [];
    events.forEach(({ seq }, at) => {
      if (seq !== at + 1) wrong.push(`I7 event ${at + 1} of ${run.id} has the number ${seq}`);
    });
    try {
      if (!isDeepStrictEqual(plain(fold(run.id, events, run.pinned)), plain(run)))
        wrong.push(`I7 the rows of ${run.id} differ from the fold of its journal`);
    } catch (error) {
      wrong.push(`I7 the journal of ${run.id} cannot be folded: ${String(error)}`);
    }
    return [...wrong, ...this.checkJournal(run.id, events)];
  }

  /** I2, I3: each step ends once, and begins when what it needs has ended. Read from the events alone. */
  private checkJournal(id: string, events: readonly RunEvent[]): readonly string[] {
    const wrong: string[] = [];
    const ends = new Map<string, string>();
    for (const { type, path } of events) {
      if (path === undefined) continue;
      if (ends.has(path)) wrong.push(`I2 ${type} of ${id}/${path} after its end`);
      if (type === "step.completed" || type === "step.failed" || type === "step.skipped" || type === "step.cancelled")
        ends.set(path, type);
      else if (type === "step.started") {
        const step = this.placed.get(id)?.get(path);
        if (!step) wrong.push(`I3 ${id}/${path} is in no plan`);
        else if (!mayBegin(step, ends)) wrong.push(`I3 ${id}/${path} began before what it needs had ended`);
      }
    }
    return wrong;
  }

  /** What has been written since the last snapshot. */
  private read(witness: readonly Witness[], byRun: ReadonlyMap<string, Stored>): readonly string[] {
    const wrong: string[] = [];
    for (const line of witness.slice(this.linesRead)) {
      const name = `${line.run}/${line.path}`;
      if (!byRun.has(line.run)) wrong.push(`I3 ${name} was executed, and the store does not know its run`);
      if (line.what === "start" && this.endedSteps.has(name)) wrong.push(`I3 ${name} was executed after its end`);
      const owner = this.keys.get(line.key) ?? name;
      if (owner !== name) wrong.push(`I4 ${name} and ${owner} have the same idempotency key`);
      this.keys.set(line.key, name);
      const lines = this.linesOf(line.run).get(line.path) ?? [];
      if (lines.some(({ key }) => key !== line.key)) wrong.push(`I4 ${name} has had two idempotency keys`);
      this.linesOf(line.run).set(line.path, [...lines, line]);
    }
    this.linesRead = witness.length;
    return wrong;
  }

  private checkWitness(stored: Stored): readonly string[] {
    const { run } = stored;
    const known = new Map(Array.from(run.instances, (instance) => [instance.path, instance]));
    const byPath = this.linesOf(run.id);
    const strange = [...byPath.keys()].filter((path) => !known.has(path));
    const wrong = strange.map((path) => `I3 ${run.id}/${path} was executed, and the store does not know it`);
    const found = [...known.values()].flatMap((instance) => {
      const name = `${run.id}/${instance.path}`;
      const lines = byPath.get(instance.path) ?? [];
      const executed = lines.length > 0 ? this.checkExecutions({ name, lines, stored, instance, known }) : [];
      return [...checkTurns(name, lines), ...executed, ...checkResult(name, instance, { stored, lines })];
    });
    return [...wrong, ...found];
  }

  private linesOf(runId: string): Map<string, Witness[]> {
    let lines = this.lines.get(runId);
    if (!lines) this.lines.set(runId, (lines = new Map()));
    return lines;
  }

  /** I3, I4 of one step: no execution without a durable start, none too many, each shown what is committed. */
  private checkExecutions({ name, lines, stored, instance, known }: Executed): readonly string[] {
    const wrong: string[] = [];
    const starts = lines.filter(({ what }) => what === "start");
    const most = instance.attempts + instance.recoveries;
    if (starts.length > most)
      wrong.push(`I4 ${name} was executed ${starts.length} times, at most ${most} are recorded`);
    const begun = stored.events.filter((event) => event.type === "step.started" && event.path === instance.path);
    for (const { attempt, epoch } of starts) {
      if (epoch !== undefined && !begun.some((event) => event.epoch === epoch && event.attempt === attempt))
        wrong.push(`I3 ${name} was executed as ${attempt}.${epoch}, and no such start is recorded`);
      const executed = starts.filter((line) => line.attempt === attempt).length;
      if (executed > begun.filter((event) => event.attempt === attempt).length)
        wrong.push(`I3 ${name} was executed as attempt ${attempt} more often than it was started`);
    }
    const placed = this.placed.get(stored.run.id)?.get(instance.path);
    for (const { needs = {} } of starts)
      for (const [need, value] of Object.entries(needs))
        if (!placed || !isShown(value, placed.sees.get(need), { stored, known }))
          wrong.push(`I3 ${name} saw of ${need} what was never committed`);
    return wrong;
  }
}

function mayBegin({ plan, path }: PlacedStep, ends: ReadonlyMap<string, string>): boolean {
  const prefix = path.slice(0, -plan.id.length);
  const needs = Object.values(plan.needs).map((id) => ends.get(`${prefix}${id}`));
  if (typeof plan.join !== "object" && plan.join !== "any") return needs.every((end) => end !== undefined);
  const quorum = plan.join === "any" ? 1 : plan.join.quorum;
  return needs.filter((end) => end === "step.completed").length >= quorum;
}

/** Two executions of one step are never under way at once: whoever spoke last has the word. */
function checkTurns(name: string, lines: readonly Witness[]): readonly string[] {
  const over = new Set<string>();
  let speaking: string | undefined;
  const wrong: string[] = [];
  for (const { once } of lines) {
    if (over.has(once)) wrong.push(`I3 ${name} was executed twice at the same time`);
    if (speaking !== undefined && speaking !== once) over.add(speaking);
    speaking = once;
  }
  return wrong;
}

/** I4: a committed result is that of an execution that came to its end. */
function checkResult(name: string, instance: Instance, of: Pick<Executed, "stored" | "lines">): readonly string[] {
  if (instance.status !== "completed" || instance.step.step.kind !== "task") return [];
  const output = of.stored.outputs.get(instance.path) as { readonly once?: string } | undefined;
  const ended = of.lines.some(({ what, once }) => what === "end" && once === output?.once);
  return ended ? [] : [`I4 ${name} is completed with a result that no execution gave`];
}

/** Whether a value that code was shown is what its need has come to, as committed. */
function isShown(
  value: Json,
  seen: { readonly path: string; readonly settled: boolean } | undefined,
  { stored, known }: Pick<Executed, "stored" | "known">,
): boolean {
  const need = seen && known.get(seen.path);
  if (!need) return false;
  const committed = stored.outputs.get(need.path);
  if (!seen.settled) return need.status === "completed" && isDeepStrictEqual(value, committed);
  const { status, output } = value as { readonly status: string; readonly output?: Json };
  return status === need.status && (status !== "completed" || isDeepStrictEqual(output, committed));
}

function why(run: Run, path: string): string {
  const error = [...run.instances].find((one) => one.path === path)?.error;
  return error ? ` (${error.code ?? error.kind}: ${error.message})` : "";
}

/** A run as plain data: what it shares with all runs of its definition left out, its vector as an array. */
function plain({ pinned: _, instances, ...run }: Run): object {
  return { ...run, instances: Array.from(instances, ({ step, ...instance }) => ({ ...instance, id: step.id })) };
}
