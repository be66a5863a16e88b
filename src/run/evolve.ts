/**
 * `evolve`: history in, state out. Pure; nothing of the run's size is ever copied.
 *
 * Invariants
 *  E1  An ended instance and an ended run never change again.
 *  E2  seq grows by one with every event; nothing else orders.
 *  E3  Counts (needs, tally, open) are what a recount would give (restoreRun recounts; a property test compares).
 *  E4  Only the instance an event names gets a new status, and those of its dependants whose join it fulfils.
 */
import type { Failure } from "../errors.ts";
import { invariant, InvariantError, unreachable } from "../std/invariant.ts";
import type { Vector } from "../std/vector.ts";
import { changedBy, endedBy } from "./change.ts";
import type { ChangeEvent, EndEvent, EventOf, StepEvent } from "./change.ts";
import type { RunEvent } from "./events.ts";
import {
  countEnd,
  EMPTY_TALLY,
  initialInstances,
  isEnded,
  joinOf,
  pendingInstance,
  scopePrefix,
  uncaught,
} from "./instance.ts";
import type { Pinned } from "./pinned.ts";
import type { Instance, InstanceStatus, Run, Tally } from "./state.ts";

type RunLevelEvent = Exclude<RunEvent, StepEvent>;

/** The run its first event makes. */
export function begin(id: string, event: EventOf<"run.created">, pinned: Pinned): Run {
  const { workflow, input, options } = event.data;
  const instances = initialInstances(pinned.graph);
  return {
    id,
    workflow,
    pinned,
    options,
    branch: event.branch,
    seq: event.seq,
    input,
    variables: options.variables,
    createdAt: event.at,
    startedAt: undefined,
    endedAt: undefined,
    paused: false,
    stopping: undefined,
    stranded: undefined,
    end: undefined,
    output: undefined,
    error: undefined,
    partial: false,
    inconsistent: false,
    instances,
    tally: { ...EMPTY_TALLY, pending: instances.length },
    open: instances.length,
  };
}

/** The run that a whole journal tells of. */
export function fold(id: string, events: Iterable<RunEvent>, pinned: Pinned): Run {
  let run: Run | undefined;
  for (const event of events) {
    if (run) run = evolve(run, event);
    else {
      invariant(event.type === "run.created", `the journal of ${id} begins with ${event.type}`);
      run = begin(id, event, pinned);
    }
  }
  invariant(run, `the journal of ${id} is empty`);
  return run;
}

export function evolve(run: Run, event: RunEvent): Run {
  if (event.seq !== run.seq + 1) throw new InvariantError(`event ${event.seq} of ${run.id} after ${run.seq}`);
  if (run.end !== undefined) throw new InvariantError(`event ${event.type} of ${run.id} after its end`);
  return isStepEvent(event) ? evolveStep(run, event) : evolveRun(run, event);
}

function isStepEvent(event: RunEvent): event is StepEvent {
  return event.instance !== undefined;
}

function evolveRun(run: Run, event: RunLevelEvent): Run {
  const { seq, at } = event;
  switch (event.type) {
    case "run.created":
      throw new Error(`${run.id} is created again`);
    case "run.started": {
      const { roots } = run.pinned.graph;
      let { instances } = run;
      for (const root of roots) {
        instances = instances.set(root, { ...instances.at(root), status: "ready", readyAt: at });
      }
      return { ...run, seq, startedAt: at, instances, tally: readied(run.tally, roots.length) };
    }
    case "run.paused":
      return { ...run, seq, paused: true };
    case "run.resumed":
      return { ...run, seq, paused: false };
    case "run.variables":
      return { ...run, seq, variables: event.data.variables };
    case "run.stranded":
      return { ...run, seq, stranded: event.data.missing };
    case "run.unstranded":
      return { ...run, seq, stranded: undefined };
    case "run.cancelling":
      return { ...run, seq, stopping: { end: "cancelled", at, reason: event.data.reason } };
    case "run.failing":
      return { ...run, seq, stopping: { end: "failed", at, reason: undefined }, error: event.data.error };
    case "run.completed": {
      const { output, partial = false } = event.data;
      return { ...run, seq, endedAt: at, end: "completed", output, partial };
    }
    case "run.failed":
      return { ...run, seq, endedAt: at, end: "failed", error: event.data.error };
    case "run.cancelled": {
      const { reason, inconsistent = false } = event.data;
      const stopping = run.stopping ?? { end: "cancelled", at, reason };
      return { ...run, seq, endedAt: at, end: "cancelled", stopping, inconsistent };
    }
    default:
      return unreachable(event);
  }
}

function evolveStep(run: Run, event: StepEvent): Run {
  const old = run.instances.at(event.instance ?? -1);
  if (isEnded(old.status)) throw new InvariantError(`event ${event.type} of ${run.id} ${old.path} after its end`);
  switch (event.type) {
    case "step.opened":
      return open(run, old, event);
    case "step.completed":
    case "step.failed":
    case "step.skipped":
    case "step.cancelled":
      return ended(run, old, event);
    case "step.evaluated":
    case "step.started":
    case "step.released":
    case "step.retrying":
    case "step.errored":
    case "step.handled":
      return changed(run, old, event);
    default:
      return unreachable(event);
  }
}

/** One instance with another state; no end. */
function changed(run: Run, old: Instance, event: ChangeEvent): Run {
  const next = changedBy(old, event);
  const tally = old.status === next.status ? run.tally : moved(run.tally, old.status, next.status);
  return { ...run, seq: event.seq, instances: run.instances.set(next.index, next), tally };
}

/** A scope becomes its branch: the fragment's instances are numbered on from the last. */
function open(run: Run, scope: Instance, event: EventOf<"step.opened">): Run {
  const { seq, data } = event;
  const { branch } = data;
  const graph = scope.step.branches?.get(branch);
  invariant(graph, `${scope.path} has no branch ${branch}`);
  const first = run.instances.length;
  const place = { parent: scope.index, base: first, prefix: scopePrefix(scope, branch) };
  const opened = { branch, at: event.at, first, open: graph.steps.length, failure: undefined };
  let instances = run.instances.set(scope.index, { ...scope, status: "waiting", startedAt: event.at, opened });
  for (const step of graph.steps) {
    const instance = pendingInstance(step, place);
    instances = instances.push(
      step.needs.length === 0 ? { ...instance, status: "ready", readyAt: event.at } : instance,
    );
  }
  const ready = graph.roots.length;
  const tally = moved(run.tally, scope.status, "waiting");
  return {
    ...run,
    seq,
    instances,
    tally: { ...tally, ready: tally.ready + ready, pending: tally.pending + graph.steps.length - ready },
  };
}

/** An end: dependants count it, its scope (or the run) has one less open, an uncaught failure is remembered. */
function ended(run: Run, old: Instance, event: EndEvent): Run {
  const { at, seq } = event;
  const done = endedBy(old, event);
  let instances = run.instances.set(done.index, done);
  let becameReady = 0;
  for (const dependant of done.step.dependants) {
    const waiting = instances.at(done.base + dependant);
    const needs = countEnd(waiting.needs, done);
    const ready = waiting.status === "pending" && joinOf(waiting.step, needs) === "run";
    if (ready) becameReady++;
    instances = instances.set(
      waiting.index,
      ready ? { ...waiting, needs, status: "ready", readyAt: at } : { ...waiting, needs },
    );
  }
  let tally = moved(run.tally, old.status, done.status);
  if (becameReady > 0) tally = readied(tally, becameReady);
  const failure = done.status === "failed" ? uncaught(run, done) : undefined;
  let { error, open: top } = run;
  if (done.parent === -1) {
    top--;
    error ??= failure;
  } else {
    instances = closeIn(instances, done.parent, failure);
    if (failure?.kind === "critical_error") error ??= failure;
  }
  return { ...run, seq, instances, tally, open: top, error };
}

function closeIn(instances: Vector<Instance>, parent: number, failure: Failure | undefined): Vector<Instance> {
  const scope = instances.at(parent);
  invariant(scope.opened, `${scope.path} is not open`);
  const opened = { ...scope.opened, open: scope.opened.open - 1, failure: scope.opened.failure ?? failure };
  return instances.set(parent, { ...scope, opened });
}

function moved(tally: Tally, from: InstanceStatus, to: InstanceStatus): Tally {
  const next: { [status in InstanceStatus]: number } = { ...tally };
  next[from]--;
  next[to]++;
  return next;
}

function readied(tally: Tally, count: number): Tally {
  return { ...tally, pending: tally.pending - count, ready: tally.ready + count };
}
