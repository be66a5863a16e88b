/** Making instances, and asking them what the rules ask. */
import type { Failure } from "../errors.ts";
import { Vector } from "../std/vector.ts";
import type { Graph, GraphStep } from "../workflow/graph.ts";
import type { Evaluation } from "./commands.ts";
import type { SkipReason } from "./events.ts";
import type { Instance, InstanceStatus, NeedCounts, Run, Tally } from "./state.ts";

export const EMPTY_TALLY: Tally = {
  pending: 0,
  ready: 0,
  running: 0,
  retrying: 0,
  waiting: 0,
  unknown: 0,
  completed: 0,
  failed: 0,
  skipped: 0,
  cancelled: 0,
};

export function isEnded(status: InstanceStatus): boolean {
  return status === "completed" || status === "failed" || status === "skipped" || status === "cancelled";
}

/** Where a fragment's instances lie: under which scope, from which number on, with which path in front. */
export interface Place {
  readonly parent: number;
  readonly base: number;
  readonly prefix: string;
}

const TOP: Place = { parent: -1, base: 0, prefix: "" };

export function pendingInstance(step: GraphStep, place: Place): Instance {
  return {
    index: place.base + step.index,
    path: place.prefix + step.id,
    step,
    parent: place.parent,
    base: place.base,
    status: "pending",
    needs: { open: step.needs.length, completed: 0, failed: 0, cancelled: 0, notTaken: 0 },
    attempts: 0,
    recoveries: 0,
    epoch: 0,
    readyAt: undefined,
    startedAt: undefined,
    endedAt: undefined,
    endedSeq: undefined,
    retryAt: undefined,
    agent: undefined,
    why: undefined,
    inputHash: undefined,
    output: undefined,
    error: undefined,
    reason: undefined,
    admitted: false,
    errored: false,
    rounds: 0,
    spent: 0,
    fallback: undefined,
    undo: "none",
    abandoned: false,
    opened: undefined,
  };
}

const initial = new WeakMap<Graph, Vector<Instance>>();

/** The pending instances of a graph: made once, shared by all its runs until an event touches them. */
export function initialInstances(graph: Graph): Vector<Instance> {
  let instances = initial.get(graph);
  if (!instances) {
    instances = Vector.from(graph.steps.map((step) => pendingInstance(step, TOP)));
    initial.set(graph, instances);
  }
  return instances;
}

/** `route` opened into `approved`: `route:approved/`. */
export function scopePrefix(scope: Instance, branch: string): string {
  return `${scope.path}:${branch}/`;
}

/** The graph an instance lies in: the run's own, or the branch its scope opened. */
export function graphOf(run: Run, instance: Instance): Graph {
  return instance.parent === -1 ? run.pinned.graph : openedGraph(run.instances.at(instance.parent));
}

export function openedGraph(scope: Instance): Graph {
  const graph = scope.opened && scope.step.branches?.get(scope.opened.branch);
  if (!graph) throw new Error(`${scope.path} is not open`);
  return graph;
}

type Awaited = Evaluation | "agent";

/** What an instance waits for from outside: an answer, or an agent. Only that is asked for, and only that is taken. */
export function awaitedBy({ status, errored, admitted, opened, step: { step } }: Instance): Awaited | undefined {
  if (errored) return "onError";
  if (status === "waiting") return opened?.open === 0 ? "output" : undefined;
  if (status === "retrying") return "agent";
  if (status !== "ready") return undefined;
  if (step.when !== undefined && !admitted) return "when";
  return step.kind === "choose" ? "by" : "agent";
}

/** What the join makes of the ends so far: go on waiting, run, or skip for this reason (DESIGN 3.4). */
export function joinOf(step: GraphStep, needs: NeedCounts): "wait" | "run" | SkipReason {
  const total = step.needs.length;
  switch (step.join) {
    case "settled":
      return needs.open === 0 ? "run" : "wait";
    case "any":
      if (needs.completed >= step.quorum) return "run";
      if (needs.completed + needs.open >= step.quorum) return "wait";
      return needs.notTaken === total ? "not_taken" : "upstream_failed";
    case "all":
      if (needs.failed > 0) return "upstream_failed";
      if (needs.open > 0) return "wait";
      if (needs.cancelled > 0) return "upstream_cancelled";
      return total > 0 && needs.notTaken === total ? "not_taken" : "run";
  }
}

/** The counts after one more need has ended so. */
export function countEnd(needs: NeedCounts, ended: Instance): NeedCounts {
  const carries = ended.status === "skipped" ? ended.reason : ended.status;
  return {
    open: needs.open - 1,
    completed: needs.completed + (carries === "completed" ? 1 : 0),
    failed: needs.failed + (carries === "failed" || carries === "upstream_failed" ? 1 : 0),
    cancelled: needs.cancelled + (carries === "cancelled" || carries === "upstream_cancelled" ? 1 : 0),
    notTaken: needs.notTaken + (carries === "not_taken" ? 1 : 0),
  };
}

/** The needs an instance may look at: all that ended, or for `any` and `quorum` the completed ones that came first. */
export function seenNeeds(run: Run, instance: Instance): readonly Instance[] {
  const ended = instance.step.needs
    .map((need) => run.instances.at(instance.base + need))
    .filter((need) => isEnded(need.status));
  if (instance.step.join !== "any") return ended;
  return ended
    .filter((need) => need.status === "completed")
    .sort((a, b) => (a.endedSeq ?? 0) - (b.endedSeq ?? 0))
    .slice(0, instance.step.quorum);
}

/**
 * The failure with its path, unless it stays inside: it has dependants, and none of them joins it by `all`.
 * A critical one is never caught.
 */
export function uncaught(run: Pick<Run, "instances">, failed: Instance): Failure | undefined {
  if (!failed.error) return undefined;
  if (failed.error.kind !== "critical_error" && isCaught(run, failed)) return undefined;
  return failed.error.path === undefined ? { ...failed.error, path: failed.path } : failed.error;
}

function isCaught(run: Pick<Run, "instances">, { step, base }: Instance): boolean {
  return step.dependants.length > 0 && step.dependants.every((d) => run.instances.at(base + d).step.join !== "all");
}

/** A join that cancels the rest began without this one, or without a scope it lies in. */
export function isUnneeded(run: Run, { step, base, parent }: Instance): boolean {
  for (const dependant of step.dependants) {
    const { step: join, readyAt } = run.instances.at(base + dependant);
    if (join.step.rest === "cancel" && readyAt !== undefined) return true;
  }
  return parent !== -1 && isUnneeded(run, run.instances.at(parent));
}
