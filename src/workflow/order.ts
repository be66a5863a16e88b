/** The order of steps that need each other, and the cycles that have none. Nothing here recurses. */
import { invariant } from "../std/invariant.ts";

/** What the order of steps depends on: need name → id. */
export type Needing = Readonly<Record<string, { readonly needs?: Readonly<Record<string, string>> }>>;

export interface Sorted {
  /** Each after all it needs: by distance from the start, then id. Without `leftOver`. */
  readonly ids: readonly string[];
  /** Parallel to `ids`: the places in `ids` of what each needs, by the name of the need; and those names. */
  readonly needs: readonly (readonly number[])[];
  readonly needNames: readonly (readonly string[])[];
  /** In a cycle or behind one, by id. */
  readonly leftOver: readonly string[];
  /** The first need that names no step; such needs are passed over. */
  readonly unknown: { readonly step: string; readonly need: string } | undefined;
}

/** Kahn's sort, one level at a time. The answer does not depend on the order of keys. */
export function sortSteps(steps: Needing): Sorted {
  const edges = edgesOf(steps);
  const { names, waiting, start, dependants, unknown } = edges;
  const order: number[] = [];
  let level: number[] = [];
  for (let at = 0; at < names.length; at++) if (waiting[at] === 0) level.push(at);
  while (level.length > 0) {
    const next: number[] = [];
    for (const at of level) {
      order.push(at);
      for (let edge = start[at] as number; edge < (start[at + 1] as number); edge++) {
        const dependant = dependants[edge] as number;
        const left = (waiting[dependant] as number) - 1;
        waiting[dependant] = left;
        if (left === 0) next.push(dependant);
      }
    }
    level = next.sort((a, b) => a - b);
  }
  const place = new Int32Array(names.length);
  for (let at = 0; at < order.length; at++) place[order[at] as number] = at;
  return {
    ids: order.map((at) => names[at] as string),
    needs: order.map((at) => (edges.needs[at] as number[]).map((need) => place[need] as number)),
    needNames: order.map((at) => edges.needNames[at] as string[]),
    leftOver: order.length === names.length ? [] : names.filter((_, at) => (waiting[at] as number) > 0),
    unknown,
  };
}

/** The keys of a record, in code-unit order. */
export function sortedKeys(record: object): string[] {
  const keys = Object.keys(record);
  return keys.length > 1 ? keys.sort() : keys;
}

/** Steps by rank (the place of their id among all ids), so that every text is looked up once. */
interface Edges {
  readonly names: readonly string[];
  readonly needs: readonly number[][];
  readonly needNames: readonly string[][];
  /** Needs not met yet. */
  readonly waiting: Int32Array;
  /** The dependants of rank r lie at `start[r]` … `start[r + 1] - 1`. */
  readonly start: Int32Array;
  readonly dependants: Int32Array;
  readonly unknown: Sorted["unknown"];
}

function edgesOf(steps: Needing): Edges {
  const names = sortedKeys(steps);
  const rank = new Map<string, number>();
  for (let at = 0; at < names.length; at++) rank.set(names[at] as string, at);
  const waiting = new Int32Array(names.length);
  const start = new Int32Array(names.length + 1);
  const needs: number[][] = [];
  const needNames: string[][] = [];
  let unknown: Sorted["unknown"];
  for (let at = 0; at < names.length; at++) {
    const step = names[at] as string;
    const written = steps[step]?.needs ?? {};
    const own: number[] = [];
    const ownNames = sortedKeys(written);
    for (const name of ownNames) {
      const need = written[name] as string;
      const from = rank.get(need);
      if (from === undefined) {
        unknown ??= { step, need };
      } else {
        own.push(from);
        start[from + 1] = (start[from + 1] as number) + 1;
      }
    }
    waiting[at] = own.length;
    needs.push(own);
    needNames.push(ownNames);
  }
  for (let at = 0; at < names.length; at++) start[at + 1] = (start[at + 1] as number) + (start[at] as number);
  return { names, needs, needNames, waiting, start, dependants: dependantsOf(needs, start), unknown };
}

function dependantsOf(needs: readonly number[][], start: Int32Array): Int32Array {
  const free = start.slice();
  const dependants = new Int32Array(start.at(-1) ?? 0);
  for (let at = 0; at < needs.length; at++) {
    for (const need of needs[at] as number[]) {
      const slot = free[need] as number;
      dependants[slot] = at;
      free[need] = slot + 1;
    }
  }
  return dependants;
}

/** A cycle as ids, each needing the next and the last the first; `undefined` when there is none. */
export function cycleOf(steps: Needing): readonly string[] | undefined {
  const { leftOver } = sortSteps(steps);
  if (leftOver.length === 0) return undefined;
  const open = new Set(leftOver);
  const seenAt = new Map<string, number>();
  const way: string[] = [];
  // Every step left over needs another one left over, so this walk must come back to where it was.
  let at = leftOver[0];
  while (at !== undefined && !seenAt.has(at)) {
    seenAt.set(at, way.length);
    way.push(at);
    at = Object.values(steps[at]?.needs ?? {}).find((need) => open.has(need));
  }
  invariant(at !== undefined, "a step in a cycle has a need in it");
  return way.slice(seenAt.get(at));
}
