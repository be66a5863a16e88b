/** A run from its rows. What the rows leave out (counts, readiness) follows from what they say. */
import type { Failure } from "../errors.ts";
import { invariant } from "../std/invariant.ts";
import { Vector } from "../std/vector.ts";
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
import type { InstanceRecord, RunHead } from "./records.ts";
import type { Instance, Run } from "./state.ts";

/** The run that these rows were written from. `records` in any order. Throws on rows that cannot be. */
export function restoreRun(head: RunHead, records: Iterable<InstanceRecord>, pinned: Pinned): Run {
  const byIndex = [...records].sort((a, b) => a.index - b.index);
  const instances = placed(byIndex, pinned);
  for (const record of byIndex) {
    const blank = instances[record.index];
    invariant(
      blank?.path === record.path,
      `instance ${record.index} is ${blank?.path ?? "nowhere"}, its row says ${record.path}`,
    );
    instances[record.index] = filled(blank, record);
  }
  const recounted = recount(instances, head);
  return {
    ...head,
    pinned,
    startedAt: head.startedAt,
    endedAt: head.endedAt,
    paused: head.paused ?? false,
    stopping: head.stopping && { ...head.stopping, reason: head.stopping.reason },
    stranded: head.stranded,
    end: head.end,
    output: head.output,
    error: head.error,
    partial: head.partial ?? false,
    inconsistent: head.inconsistent ?? false,
    ...recounted,
  };
}

/** Every instance there is, pending: the top, then each opened branch where its scope says it lies. */
function placed(records: readonly InstanceRecord[], pinned: Pinned): Instance[] {
  const instances = [...initialInstances(pinned.graph)];
  const openings = records
    .filter((record) => record.opened)
    .sort((a, b) => (a.opened?.first ?? 0) - (b.opened?.first ?? 0));
  for (const { index, opened } of openings) {
    const scope = instances[index];
    const graph = opened && scope?.step.branches?.get(opened.branch);
    // An empty branch takes no place: it may share its number with one that opened later.
    const fits = graph && (graph.steps.length === 0 || opened.first === instances.length);
    invariant(opened && scope && fits, `the scope in row ${index} cannot have opened so`);
    const place = { parent: index, base: opened.first, prefix: scopePrefix(scope, opened.branch) };
    for (const step of graph.steps) instances.push(pendingInstance(step, place));
  }
  return instances;
}

function filled(blank: Instance, record: InstanceRecord): Instance {
  const { opened, ...rest } = record;
  return { ...blank, ...rest, opened: opened && { ...opened, open: 0, failure: undefined } };
}

/** Everything that follows from the statuses: need counts, who is ready, what is open inside and at the top. */
function recount(instances: Instance[], head: RunHead): Pick<Run, "instances" | "tally" | "open"> {
  const tally = { ...EMPTY_TALLY };
  let open = 0;
  for (let index = 0; index < instances.length; index++) {
    const instance = counted(instances, instances[index] as Instance, head);
    instances[index] = instance;
    tally[instance.status]++;
    if (isEnded(instance.status)) continue;
    if (instance.parent === -1) open++;
    else adjust(instances, instance.parent, 1, undefined);
  }
  const run = { instances: Vector.from(instances) };
  for (const failed of instances.filter(({ parent, status }) => parent !== -1 && status === "failed").sort(byEnd)) {
    adjust(instances, failed.parent, 0, uncaught(run, failed));
  }
  return { instances: Vector.from(instances), tally, open };
}

function adjust(instances: Instance[], index: number, open: number, failure: Failure | undefined): void {
  const scope = instances[index];
  invariant(scope?.opened, `instance ${index} is not an open scope`);
  const opened = { ...scope.opened, open: scope.opened.open + open, failure: scope.opened.failure ?? failure };
  instances[index] = { ...scope, opened };
}

/** One instance with its needs counted; ready when they fulfil its join and no row of its own says more. */
function counted(instances: readonly Instance[], old: Instance, head: RunHead): Instance {
  const ends = old.step.needs
    .map((need) => instances[old.base + need])
    .filter((need): need is Instance => need !== undefined && isEnded(need.status));
  const needs = ends.reduce(countEnd, old.needs);
  const instance = { ...old, needs };
  if (old.status !== "pending" || joinOf(old.step, needs) !== "run") return instance;
  const readyAt = old.step.needs.length === 0 ? bornAt(instances, old, head) : fulfilledAt(old, ends);
  return readyAt === undefined ? instance : { ...instance, status: "ready", readyAt };
}

function bornAt(instances: readonly Instance[], instance: Instance, head: RunHead): number | undefined {
  return instance.parent === -1 ? head.startedAt : instances[instance.parent]?.opened?.at;
}

/** When the last need its join waited for ended: all of them, or the n-th completed. */
function fulfilledAt({ step }: Instance, ends: Instance[]): number | undefined {
  const counting = step.join === "any" ? ends.filter((need) => need.status === "completed") : ends;
  return counting.sort(byEnd)[(step.join === "any" ? step.quorum : step.needs.length) - 1]?.endedAt;
}

function byEnd(a: Instance, b: Instance): number {
  return (a.endedSeq ?? 0) - (b.endedSeq ?? 0);
}
