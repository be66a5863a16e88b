/** What must hold after every command, whatever it was. */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Command, Decision } from "../../src/run/commands.ts";
import { evolve, begin } from "../../src/run/evolve.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { isEnded, joinOf } from "../../src/run/instance.ts";
import { headOf, recordOf } from "../../src/run/records.ts";
import { restoreRun } from "../../src/run/restore.ts";
import type { Instance, Run } from "../../src/run/state.ts";
import { askedKey } from "../../src/testing/heart.ts";
import type { Play } from "../../src/testing/heart.ts";

export const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** A run as plain data: what it shares with all runs of its definition left out, vectors as arrays. */
function plain({ pinned: _, instances, ...run }: Run): object {
  return { ...run, instances: Array.from(instances, ({ step, ...instance }) => ({ ...instance, id: step.id })) };
}

function sameRun(actual: Run, expected: Run, why: string): void {
  if (isDeepStrictEqual(plain(actual), plain(expected))) return;
  expect(plain(actual), why).toEqual(plain(expected));
  throw new Error(`${why}: the same but for undefined`);
}

/** Posts to a play and checks every claim after each command; folds what a store would hold, and compares. */
export class Checked {
  private readonly play: Play;
  private folded: Run;
  private readonly touched = new Set<number>();
  private readonly ended = new Set<number>();

  constructor(play: Play) {
    this.play = play;
    const first = throughJson(play.journal[0]);
    if (first?.type !== "run.created") throw new Error("a journal begins with run.created");
    this.folded = begin(play.run.id, first, play.pinned);
  }

  post(command: Command): void {
    const before = this.play.run;
    const answer = this.play.post(command);
    const { run } = this.play;
    if ("refused" in answer) return expect(run, "a refused command changes nothing").toBe(before);
    for (const event of answer.events) {
      this.event(event);
      this.folded = evolve(this.folded, throughJson(event));
      if (event.instance !== undefined) this.touched.add(event.instance);
    }
    sameRun(this.folded, run, "the fold of the journal is the run");
    const records = Array.from(this.touched, (index) => throughJson(recordOf(run.instances.at(index))));
    sameRun(restoreRun(throughJson(headOf(run)), records, run.pinned), run, "the rows restore the run");
    this.recount(run);
    this.stops(run, answer);
    this.everythingIsAsked(run, command, answer);
    if (command.type === "unstrand") this.post({ type: "recover" });
  }

  private event(event: RunEvent): void {
    expect(event.seq, "seq is gapless").toBe(this.folded.seq + 1);
    expect(this.folded.end, "an ended run has no more events").toBeUndefined();
    if (event.instance === undefined) return;
    const old = this.folded.instances.at(event.instance);
    expect(this.ended.has(old.index), `${event.type} of ${old.path} after its end`).toBe(false);
    expect(event.path).toBe(old.path);
    if (event.type === "step.started") {
      expect(joinOf(old.step, old.needs), `${old.path} starts when its join says so`).toBe("run");
      expect(old.step.step.when === undefined || old.admitted, `${old.path} starts when its condition said so`).toBe(
        true,
      );
      expect(old.step.step.kind).toBe("task");
      expect(event.epoch, "epochs grow by one").toBe(old.epoch + 1);
      const { paused, stranded, stopping } = this.folded;
      expect({ paused, stranded, stopping }).toEqual({ paused: false, stranded: undefined, stopping: undefined });
    }
    if (/completed|failed|skipped|cancelled/.test(event.type)) this.ended.add(old.index);
  }

  private recount(run: Run): void {
    const counted: Record<string, number> = {};
    for (const { index, status } of run.instances) {
      counted[status] = (counted[status] ?? 0) + 1;
      expect(isEnded(status), "ends are final").toBe(this.ended.has(index));
    }
    const tally = Object.fromEntries(Object.entries(run.tally).filter(([, count]) => count !== 0));
    expect(tally, "the tally is a recount").toEqual(counted);
  }

  /** Liveness: whatever cannot go on by itself has been asked for, once, and nothing else has. */
  private everythingIsAsked(run: Run, command: Command, answer: Decision): void {
    const keys = answer.effects.flatMap((e) => (e.type === "evaluate" || e.type === "offer" ? askedKey(e) : []));
    expect(new Set(keys).size, `asked twice in one decision: ${keys.join(", ")}`).toBe(keys.length);
    if (command.type === "unstrand") return;
    const awaited = new Set(run.end === undefined && run.startedAt !== undefined ? awaitedBy(run) : []);
    expect(new Set(this.play.asked.keys()), `asked for, after ${command.type}`).toEqual(awaited);
    if (command.type === "recover" && run.end === undefined) {
      const again = new Set(keys);
      expect(again, "a recovered run asks again for everything").toEqual(awaited);
    }
  }

  /** What is to stop is told so; what is critical, or the first failure under failFast, stops the run at once. */
  private stops(run: Run, { events }: Decision): void {
    const critical = events.some(({ type, data }) => type === "step.failed" && data.error.kind === "critical_error");
    if (critical || (run.error && run.pinned.definition.failFast)) expect(run.stopping ?? run.end).toBeDefined();
    if (run.end !== undefined) return;
    for (const instance of run.instances) {
      const { index, status, epoch, path } = instance;
      if (isEnded(status) || !(run.stopping || unneeded(run, instance))) continue;
      if (status === "running")
        expect(this.play.aborted.has(`${index}/${epoch}`), `${path} was told to stop`).toBe(true);
      else expect(instance.opened?.open, `${path} has nothing to wait for`).toBeGreaterThan(0);
    }
  }
}

/** A join that cancels the rest became ready without this step, or without a scope it lies in. */
function unneeded(run: Run, { parent, base, step }: Instance): boolean {
  for (const dependant of step.dependants) {
    const { step: join, needs, readyAt } = run.instances.at(base + dependant);
    const fulfilled = join.join === "any" && needs.completed >= join.quorum;
    if (fulfilled && join.step.rest === "cancel" && readyAt !== undefined) return true;
  }
  return parent !== -1 && unneeded(run, run.instances.at(parent));
}

/** A stranded run waits for its code before anything else. */
function* awaitedBy(run: Run): Generator<string> {
  for (const instance of run.instances) {
    const asked = awaitedOf(instance);
    if (asked && (asked === "attempt" || !run.stranded)) yield `${asked} ${instance.index}`;
  }
  if (run.open === 0 && !run.stranded) yield "evaluate output -1";
}

function awaitedOf({ status, errored, step, admitted, opened }: Instance): string | undefined {
  if (errored) return "evaluate onError";
  if (status === "running") return "attempt";
  if (status === "retrying") return "offer";
  if (status === "waiting") return opened?.open === 0 ? "evaluate output" : undefined;
  if (status !== "ready") return undefined;
  if (step.step.when !== undefined && !admitted) return "evaluate when";
  return step.step.kind === "choose" ? "evaluate by" : "offer";
}
