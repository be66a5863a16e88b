/**
 * A definition, numbered: steps are indices, needs and dependants are lists of indices, and everything the heart
 * asks at every event is looked up, never searched. Built once per definition and shared by all its runs.
 *
 * The numbers do not depend on the order of keys (equal definitions may differ in it): a step comes after all it
 * needs, by its distance from the start, then by id. Nothing recurses over steps; only nested branches recurse.
 */
import { invariant } from "../std/invariant.ts";
import type { Fragment, Join, Step, Template } from "./definition.ts";
import { PRIORITIES } from "./definition.ts";
import { type Sorted, sortedKeys, sortSteps } from "./order.ts";
import { stepReference } from "./template.ts";

export interface GraphStep {
  /** Within its fragment; an instance's number is this plus the fragment's base. */
  readonly index: number;
  readonly id: string;
  readonly step: Step;
  readonly needs: readonly number[];
  /** Parallel to `needs`. */
  readonly needNames: readonly string[];
  readonly dependants: readonly number[];
  /** Completed needs it waits for: all of them (`all`, `settled`), 1 (`any`), n (`quorum`). */
  readonly quorum: number;
  readonly join: "all" | "settled" | "any";
  /** 0 critical … 3 low. */
  readonly priority: number;
  /** Longest path from here to an end of the fragment, itself included, in ms (hops where nothing is estimated). */
  readonly remaining: number;
  /** Fragments by branch name, for `choose`. */
  readonly branches: ReadonlyMap<string, Graph> | undefined;
}

export interface Graph {
  /** Every step stands after all it needs. */
  readonly steps: readonly GraphStep[];
  /** Steps with no needs. */
  readonly roots: readonly number[];
  readonly byId: ReadonlyMap<string, number>;
  readonly output: Template;
  /** The longest path of all. */
  readonly remaining: number;
}

/** Scopes within scopes, at most. */
export const MAX_SCOPE_DEPTH = 16;

/** Throws InvariantError for a fragment that `validate` would refuse. O(steps + needs), and the sort of the ids. */
export function buildGraph(fragment: Fragment): Graph {
  const total = { ms: 0, count: 0 };
  addEstimates(fragment, total, 0);
  return build(fragment, total.count === 0 ? 1 : total.ms / total.count);
}

/** One unit for the whole tree, so that ms and hops are never added up. */
function addEstimates(fragment: Fragment, total: { ms: number; count: number }, depth: number): void {
  invariant(depth <= MAX_SCOPE_DEPTH, `scopes nested deeper than ${MAX_SCOPE_DEPTH}`);
  for (const id of Object.keys(fragment.steps)) {
    const step = fragment.steps[id] as Step;
    if (step.estimateMs !== undefined) {
      total.ms += step.estimateMs;
      total.count++;
    }
    if (step.kind === "choose")
      for (const branch of Object.values(step.branches)) addEstimates(branch, total, depth + 1);
  }
}

interface Draft extends GraphStep {
  readonly dependants: number[];
  remaining: number;
}

/** `unit`: the weight of a step with no estimate. */
function build(fragment: Fragment, unit: number): Graph {
  const sorted = sortSteps(fragment.steps);
  const { ids, leftOver, unknown } = sorted;
  invariant(unknown === undefined, `step ${unknown?.step} needs ${unknown?.need}, which does not exist`);
  invariant(leftOver.length === 0, "the steps need each other in a cycle");
  const byId = new Map<string, number>();
  const roots: number[] = [];
  const steps: Draft[] = [];
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index] as string;
    const step = draft(fragment.steps[id] as Step, index, unit, sorted);
    byId.set(id, index);
    steps.push(step);
    if (step.needs.length === 0) roots.push(index);
    for (const need of step.needs) (steps[need] as Draft).dependants.push(index);
  }
  let longest = 0;
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index] as Draft;
    step.remaining += furthest(steps, step.dependants);
    longest = Math.max(longest, step.remaining);
  }
  return { steps, roots, byId, output: fragment.output ?? defaultOutput(steps), remaining: longest };
}

function draft(step: Step, index: number, unit: number, sorted: Sorted): Draft {
  const needs = sorted.needs[index] as readonly number[];
  const branches = step.kind === "choose" ? buildBranches(step.branches, unit) : undefined;
  return {
    index,
    id: sorted.ids[index] as string,
    step,
    needs,
    needNames: sorted.needNames[index] as readonly string[],
    dependants: [],
    ...normalJoin(step.join ?? "all", needs.length),
    priority: PRIORITIES.indexOf(step.priority ?? "normal"),
    /** Its own weight; the way behind it is added once its dependants are known. */
    remaining: step.estimateMs ?? (branches === undefined ? unit : longestBranch(branches)),
    branches,
  };
}

function normalJoin(join: Join, count: number): Pick<GraphStep, "join" | "quorum"> {
  if (join === "all" || join === "settled") return { join, quorum: count };
  const quorum = join === "any" ? 1 : join.quorum;
  invariant(quorum >= 1 && quorum <= count, `a quorum of ${quorum} among ${count} needs`);
  return { join: "any", quorum };
}

function buildBranches(branches: Readonly<Record<string, Fragment>>, unit: number): ReadonlyMap<string, Graph> {
  return new Map(sortedKeys(branches).map((name) => [name, build(branches[name] as Fragment, unit)]));
}

function longestBranch(branches: ReadonlyMap<string, Graph>): number {
  let longest = 0;
  for (const graph of branches.values()) longest = Math.max(longest, graph.remaining);
  return longest;
}

function furthest(steps: readonly GraphStep[], among: readonly number[]): number {
  let most = 0;
  for (const index of among) most = Math.max(most, (steps[index] as GraphStep).remaining);
  return most;
}

function defaultOutput(steps: readonly GraphStep[]): Template {
  const output: Record<string, string> = {};
  for (const { id, dependants } of steps) if (dependants.length === 0) output[id] = stepReference(id);
  return output;
}

/** The longest way through the graph, first step to last, and its weight (ms, or hops where nothing is estimated). */
export function longestPath(graph: Graph): { readonly ids: readonly string[]; readonly weight: number } {
  const ids: string[] = [];
  let among = graph.roots;
  while (among.length > 0) {
    let next = graph.steps[among[0] as number] as GraphStep;
    for (const index of among) {
      const candidate = graph.steps[index] as GraphStep;
      if (candidate.remaining > next.remaining) next = candidate;
    }
    ids.push(next.id);
    among = next.dependants;
  }
  return { ids, weight: graph.remaining };
}
