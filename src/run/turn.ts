/** One decision under way: the run as it becomes, the events so far, the effects they ask for. */
import type { Failure } from "../errors.ts";
import { evolve } from "./evolve.ts";
import type { Actor, EventType, RunEvent, RunEvents, SkipReason, StepEventType } from "./events.ts";
import type { Decision, Effect } from "./commands.ts";
import { isEnded, isUnneeded, joinOf, openedGraph } from "./instance.ts";
import type { Instance, Run } from "./state.ts";

type StopReason = "cancel" | "kill" | "timeout";
type EndType = "step.completed" | "step.failed" | "step.skipped" | "step.cancelled";

export class Turn {
  run: Run;
  readonly now: number;
  private readonly actor: Actor | undefined;
  private readonly cause: string | undefined;
  private readonly events: RunEvent[] = [];
  private readonly effects: Effect[] = [];
  /** What follows, for `settle` to work off without recursion: skips, and scopes (−1: the run) that may be over; */
  readonly skips: { readonly index: number; readonly reason: SkipReason }[] = [];
  readonly scopes: number[] = [];
  /** and, when nothing changes any more, what may now wait for somebody (−1: the run's output). */
  readonly asks: number[] = [];

  constructor(run: Run, now: number, by: { readonly actor?: Actor; readonly cause?: string }) {
    this.run = run;
    this.now = now;
    this.actor = by.actor;
    this.cause = by.cause;
  }

  decision(): Decision {
    return { run: this.run, events: this.events, effects: this.effects };
  }

  effect(effect: Effect): void {
    this.effects.push(effect);
  }

  emit<T extends Exclude<EventType, StepEventType>>(type: T, data: RunEvents[T]): void {
    this.append(type, data);
  }

  emitStep<T extends StepEventType>(instance: Instance, type: T, data: RunEvents[T]): void {
    this.append(type, data, instance);
  }

  /** Ends an instance and sees to those that waited for it. */
  end<T extends EndType>(instance: Instance, type: T, data: RunEvents[T]): void {
    const before = this.run.instances;
    this.emitStep(instance, type, data);
    for (const dependant of instance.step.dependants) {
      const index = instance.base + dependant;
      if (before.at(index).status !== "pending") continue;
      const { status, step, needs } = this.run.instances.at(index);
      if (status === "ready") {
        this.ask(index);
        if (step.step.rest === "cancel") this.cancelNeeds(index);
        continue;
      }
      const verdict = joinOf(step, needs);
      if (verdict !== "wait" && verdict !== "run") this.skips.push({ index, reason: verdict });
    }
    this.revisit(instance.parent);
    if ("error" in data) this.failFast(data.error);
  }

  /** Asks for what it waits for, if at the end of this turn it waits for anything. */
  ask(index: number): void {
    this.asks.push(index);
  }

  revisit(scope: number): void {
    if (this.scopes.at(-1) !== scope) this.scopes.push(scope);
  }

  /** Cancels whatever has not ended: the running are told to stop, the others end here. */
  stopRest(why: StopReason): void {
    const { length } = this.run.pinned.graph.steps;
    for (let index = 0; index < length; index++) this.stop(index, why);
    this.effect({ type: "hold" });
    this.revisit(-1);
  }

  /** Nobody waits for its end any more but the run, or a scope, that is to end as cancelled. */
  isUnwanted(instance: Instance): boolean {
    return this.run.stopping !== undefined || isUnneeded(this.run, instance);
  }

  private stop(index: number, why: StopReason): void {
    const instance = this.run.instances.at(index);
    const { status, opened, attempts, epoch } = instance;
    if (isEnded(status)) return;
    if (status === "running") this.effect({ type: "abort", token: { instance: index, attempt: attempts, epoch }, why });
    if (opened) {
      const { length } = openedGraph(instance).steps;
      for (let inner = opened.first; inner < opened.first + length; inner++) this.stop(inner, why);
      this.revisit(index);
    }
    if (why === "kill" || (status !== "running" && !opened)) this.emitStep(instance, "step.cancelled", {});
  }

  /** `rest: cancel`: the needs that are still going are not needed any more. */
  private cancelNeeds(index: number): void {
    const { step, base } = this.run.instances.at(index);
    for (const need of step.needs) {
      const instance = this.run.instances.at(base + need);
      if (instance.status === "running" || instance.opened) this.stop(instance.index, "cancel");
      else if (!isEnded(instance.status)) this.end(instance, "step.cancelled", {});
    }
  }

  /** The first failure that nothing catches stops the rest under failFast; a critical one always does. */
  private failFast({ kind }: Failure): void {
    const { error, stopping, pinned } = this.run;
    if (!error || stopping || !(pinned.definition.failFast || kind === "critical_error")) return;
    this.emit("run.failing", { error });
    this.stopRest("cancel");
  }

  /** One shape for all events: what reads them, here and in the store, meets no other. */
  private append(type: EventType, data: object, of?: Instance): void {
    const begins = type === "step.started" ? 1 : 0;
    const attempted = begins === 1 || of?.status === "running" ? of : undefined;
    const event = {
      type,
      seq: this.run.seq + 1,
      branch: this.run.branch,
      at: this.now,
      path: of?.path,
      instance: of?.index,
      attempt: attempted && attempted.attempts + begins,
      epoch: attempted && attempted.epoch + begins,
      actor: this.actor,
      cause: this.cause,
      data,
    } as RunEvent;
    this.run = evolve(this.run, event);
    this.events.push(event);
  }
}
