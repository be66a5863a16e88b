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
import type { EndEvent, EventOf, StepEvent } from "./change.ts";
import { draftInstance, draftRun, draftTally } from "./draft.ts";
import type { Draft } from "./draft.ts";
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
import type { Instance, InstanceStatus, Run } from "./state.ts";

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
  const next = draftRun(run);
  next.seq = event.seq;
  if (isStepEvent(event)) evolveStep(next, event);
  else evolveRun(next, event);
  return next;
}

function isStepEvent(event: RunEvent): event is StepEvent {
  return event.instance !== undefined;
}

function evolveRun(next: Draft<Run>, event: RunLevelEvent): void {
  const { at } = event;
  switch (event.type) {
    case "run.created":
      throw new InvariantError(`${next.id} is created again`);
    case "run.started":
      next.startedAt = at;
      return makeReady(next, next.pinned.graph.roots, at);
    case "run.paused":
      next.paused = true;
      return;
    case "run.resumed":
      next.paused = false;
      return;
    case "run.variables":
      next.variables = event.data.variables;
      return;
    case "run.stranded":
      next.stranded = event.data.missing;
      return;
    case "run.unstranded":
      next.stranded = undefined;
      return;
    case "run.code_changed": {
      const { folder, modules } = next.options.source ?? { folder: "/", modules: {} };
      const source = { folder: event.data.folder ?? folder, modules: { ...modules, ...event.data.modules } };
      next.options = { ...next.options, source };
      return;
    }
    case "run.cancelling":
      next.stopping = { end: "cancelled", at, reason: event.data.reason };
      return;
    case "run.failing":
      next.stopping = { end: "failed", at, reason: undefined };
      next.error = event.data.error;
      return;
    case "run.completed":
    case "run.failed":
    case "run.cancelled":
      next.endedAt = at;
      return endRun(next, event);
    default:
      return unreachable(event);
  }
}

function endRun(next: Draft<Run>, event: EventOf<"run.completed" | "run.failed" | "run.cancelled">): void {
  switch (event.type) {
    case "run.completed":
      next.end = "completed";
      next.output = event.data.output;
      next.partial = event.data.partial ?? false;
      return;
    case "run.failed":
      next.end = "failed";
      next.error = event.data.error;
      return;
    case "run.cancelled":
      next.end = "cancelled";
      next.inconsistent = event.data.inconsistent ?? false;
      return;
    default:
      return unreachable(event);
  }
}

function evolveStep(next: Draft<Run>, event: StepEvent): void {
  const old = next.instances.at(event.instance ?? -1);
  if (isEnded(old.status)) throw new InvariantError(`event ${event.type} of ${next.id} ${old.path} after its end`);
  switch (event.type) {
    case "step.opened":
      return open(next, old, event);
    case "step.completed":
    case "step.failed":
    case "step.skipped":
    case "step.cancelled":
      return end(next, old, event);
    case "step.evaluated":
    case "step.started":
    case "step.released":
    case "step.retrying":
    case "step.errored":
    case "step.handled": {
      const changed = changedBy(old, event);
      next.instances = next.instances.set(old.index, changed);
      moved(next, old.status, changed.status);
      return;
    }
    default:
      return unreachable(event);
  }
}

/** A scope becomes its branch: the fragment's instances are numbered on from the last. */
function open(next: Draft<Run>, old: Instance, { at, data }: EventOf<"step.opened">): void {
  const { branch } = data;
  const graph = old.step.branches?.get(branch);
  invariant(graph, `${old.path} has no branch ${branch}`);
  const first = next.instances.length;
  const scope = draftInstance(old);
  scope.status = "waiting";
  scope.startedAt = at;
  scope.opened = { branch, at, first, open: graph.steps.length, failure: undefined };
  const place = { parent: old.index, base: first, prefix: scopePrefix(old, branch) };
  let instances = next.instances.set(old.index, scope);
  for (const step of graph.steps) instances = instances.push(pendingInstance(step, place));
  next.instances = instances;
  const tally = draftTally(next.tally);
  tally[old.status]--;
  tally.waiting++;
  tally.pending += graph.steps.length;
  next.tally = tally;
  makeReady(
    next,
    graph.roots.map((root) => first + root),
    at,
  );
}

/** An end: dependants count it, its scope (or the run) has one less open, an uncaught failure is remembered. */
function end(next: Draft<Run>, old: Instance, event: EndEvent): void {
  const done = endedBy(old, event);
  let instances = next.instances.set(done.index, done);
  let becameReady = 0;
  for (const dependant of done.step.dependants) {
    const waiting = draftInstance(instances.at(done.base + dependant));
    waiting.needs = countEnd(waiting.needs, done);
    if (waiting.status === "pending" && joinOf(waiting.step, waiting.needs) === "run") {
      waiting.status = "ready";
      waiting.readyAt = event.at;
      becameReady++;
    }
    instances = instances.set(waiting.index, waiting);
  }
  moved(next, old.status, done.status);
  if (becameReady > 0) readied(next, becameReady);
  const failure = done.status === "failed" ? uncaught(next, done) : undefined;
  if (done.parent === -1) {
    next.open--;
    next.error ??= failure;
  } else {
    instances = closeIn(instances, done.parent, failure);
    if (failure?.kind === "critical_error") next.error ??= failure;
  }
  next.instances = instances;
}

function closeIn(instances: Vector<Instance>, parent: number, failure: Failure | undefined): Vector<Instance> {
  const scope = draftInstance(instances.at(parent));
  const { opened } = scope;
  invariant(opened, `${scope.path} is not open`);
  scope.opened = { ...opened, open: opened.open - 1, failure: opened.failure ?? failure };
  return instances.set(parent, scope);
}

function makeReady(next: Draft<Run>, pending: readonly number[], at: number): void {
  let { instances } = next;
  for (const index of pending) {
    const ready = draftInstance(instances.at(index));
    ready.status = "ready";
    ready.readyAt = at;
    instances = instances.set(index, ready);
  }
  next.instances = instances;
  readied(next, pending.length);
}

function moved(next: Draft<Run>, from: InstanceStatus, to: InstanceStatus): void {
  if (from === to) return;
  const tally = draftTally(next.tally);
  tally[from]--;
  tally[to]++;
  next.tally = tally;
}

function readied(next: Draft<Run>, count: number): void {
  const tally = draftTally(next.tally);
  tally.pending -= count;
  tally.ready += count;
  next.tally = tally;
}
