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
import { invariant, unreachable } from "../std/invariant.ts";
import { Vector } from "../std/vector.ts";
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

type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

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
  invariant(event.seq === run.seq + 1, `event ${event.seq} of ${run.id} after ${run.seq}`);
  invariant(run.end === undefined, `event ${event.type} of ${run.id} after its end`);
  return event.instance === undefined ? evolveRun(run, event) : evolveStep(run, event, event.instance);
}

function evolveRun(run: Run, event: RunEvent): Run {
  const { seq, at } = event;
  switch (event.type) {
    case "run.started": {
      let { instances, tally } = run;
      for (const root of run.pinned.graph.roots) {
        instances = instances.set(root, { ...instances.at(root), status: "ready", readyAt: at });
      }
      tally = shift(tally, "pending", "ready", run.pinned.graph.roots.length);
      return { ...run, seq, startedAt: at, instances, tally };
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
    case "run.completed":
      return {
        ...run,
        seq,
        endedAt: at,
        end: "completed",
        output: event.data.output,
        partial: event.data.partial ?? false,
      };
    case "run.failed":
      return { ...run, seq, endedAt: at, end: "failed", error: event.data.error };
    case "run.cancelled":
      return {
        ...run,
        seq,
        endedAt: at,
        end: "cancelled",
        stopping: run.stopping ?? { end: "cancelled", at, reason: event.data.reason },
        inconsistent: event.data.inconsistent ?? false,
      };
    default:
      throw new Error(`${event.type} names no instance`);
  }
}

function evolveStep(run: Run, event: RunEvent, index: number): Run {
  const { at, seq } = event;
  const old = run.instances.at(index);
  invariant(!isEnded(old.status), `event ${event.type} of ${run.id} ${old.path} after its end`);
  switch (event.type) {
    case "step.evaluated":
      return changed(run, seq, old, { ...old, admitted: true });
    case "step.opened":
      return open(run, seq, old, event);
    case "step.started":
      return changed(run, seq, old, {
        ...old,
        status: "running",
        attempts: event.attempt ?? old.attempts + 1,
        epoch: event.epoch ?? old.epoch + 1,
        startedAt: old.startedAt ?? at,
        retryAt: undefined,
        agent: event.data.agent,
        why: event.data.why,
        inputHash: event.data.inputHash,
        undo: event.data.undo ? "registered" : old.undo,
      });
    case "step.released":
      return changed(run, seq, old, {
        ...old,
        status: "ready",
        readyAt: at,
        attempts: old.attempts - 1,
        recoveries: old.recoveries + (event.data.reason === "lost" ? 1 : 0),
      });
    case "step.retrying":
      return changed(run, seq, old, {
        ...old,
        status: "retrying",
        error: event.data.error,
        retryAt: event.data.retryAt,
      });
    case "step.errored":
      return changed(run, seq, old, {
        ...old,
        status: "waiting",
        error: event.data.error,
        errored: true,
        retryAt: undefined,
      });
    case "step.handled": {
      const { choice } = event.data;
      return changed(run, seq, old, {
        ...old,
        status: "ready",
        readyAt: at,
        errored: false,
        rounds: old.rounds + 1,
        spent: old.attempts,
        fallback: typeof choice === "object" ? choice.fallback : old.fallback,
      });
    }
    case "step.completed":
      return ended(run, event, old, { ...old, status: "completed", output: event.data.output, error: undefined });
    case "step.failed":
      return ended(run, event, old, { ...old, status: "failed", error: event.data.error });
    case "step.skipped":
      return ended(run, event, old, { ...old, status: "skipped", reason: event.data.reason });
    case "step.cancelled":
      return ended(run, event, old, { ...old, status: "cancelled", abandoned: event.data.abandoned ?? false });
    case "run.created":
    case "run.started":
    case "run.paused":
    case "run.resumed":
    case "run.variables":
    case "run.stranded":
    case "run.unstranded":
    case "run.cancelling":
    case "run.failing":
    case "run.completed":
    case "run.failed":
    case "run.cancelled":
      throw new Error(`${event.type} names an instance`);
    default:
      return unreachable(event);
  }
}

/** One instance with another state; no end. */
function changed(run: Run, seq: number, old: Instance, next: Instance): Run {
  return {
    ...run,
    seq,
    instances: run.instances.set(next.index, next),
    tally: old.status === next.status ? run.tally : shift(run.tally, old.status, next.status, 1),
  };
}

/** A scope becomes its branch: the fragment's instances are numbered on from the last. */
function open(run: Run, seq: number, scope: Instance, event: EventOf<"step.opened">): Run {
  const { branch } = event.data;
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
  const tally = shift(run.tally, scope.status, "waiting", 1);
  return {
    ...run,
    seq,
    instances,
    tally: { ...tally, ready: tally.ready + ready, pending: tally.pending + graph.steps.length - ready },
  };
}

/** An end: dependants count it, its scope (or the run) has one less open, an uncaught failure is remembered. */
function ended(run: Run, event: RunEvent, old: Instance, end: Instance): Run {
  const { at, seq } = event;
  const done: Instance = { ...end, endedAt: at, endedSeq: seq, retryAt: undefined, errored: false };
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
  let tally = shift(run.tally, old.status, done.status, 1);
  if (becameReady > 0) tally = shift(tally, "pending", "ready", becameReady);
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

function shift(tally: Tally, from: InstanceStatus, to: InstanceStatus, count: number): Tally {
  return { ...tally, [from]: tally[from] - count, [to]: tally[to] + count };
}
