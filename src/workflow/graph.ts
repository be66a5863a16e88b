/**
 * A definition, numbered: steps are indices, needs and dependants are lists of indices, and everything the heart
 * asks at every event is looked up, never searched. Built once per definition and shared by all its runs.
 */
import type { Fragment, Join, Step, Template } from "./definition.ts";

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
  readonly steps: readonly GraphStep[];
  /** Steps with no needs. */
  readonly roots: readonly number[];
  readonly byId: ReadonlyMap<string, number>;
  readonly output: Template;
  /** The longest path of all. */
  readonly remaining: number;
}

export type { Fragment, Join };
