import type { AgentCard } from "../agent/card.ts";
import type { Slots } from "../limit/slots.ts";
import type { Heap } from "../std/heap.ts";

/** A run as the backlog sees it. */
export interface Queue {
  /** Its own concurrency. */
  readonly slots: Slots;
  held: boolean;
  readonly parked: Heap<Offer>;
}

/** One agent with its slots. */
export interface Seat {
  readonly card: AgentCard;
  readonly order: number;
  running: number;
  readonly pools: Pool[];
}

/** The agents that one selector admits, and the offers that wait for one of them. */
export interface Pool {
  readonly seats: Seat[];
  readonly parked: Heap<Offer>;
}

/** A task that waits for its turn. Classes: 0 critical … 3 low. */
export interface Offer {
  /** Which task: the owner's own mark, opaque here. */
  readonly task: unknown;
  readonly run: Queue;
  /** The agents that may have it; none for inline code. */
  readonly pool: Pool | undefined;
  readonly runClass: number;
  readonly stepClass: number;
  /** Grows with the age of runs: the oldest first. */
  readonly runOrder: number;
  /** Longest path from this task to the end of its run. */
  readonly remaining: number;
  /** Since when it could go: ms since 1970. Kept by a retry and a restart. */
  readonly readyAt: number;
  /** Grows with the order in which the tasks of a run were numbered. */
  readonly index: number;
  /** Classes gained by waiting, one for every AGEING_MS. */
  readonly gained: number;
  /** Taken back, picked or replaced: dropped when met. */
  gone: boolean;
  /** Where it waits, when not in the open. */
  parkedIn: Heap<Offer> | undefined;
}

/** A task gains one class for each such time of waiting, so that nothing starves (DESIGN 5.12). */
export const AGEING_MS = 10 * 60_000;

/**
 * Whether `a` goes before `b`: the run's priority, the step's, the older run, the longest remaining path, the one
 * that was ready first, the order in the graph.
 */
export function before(a: Offer, b: Offer): boolean {
  const runs = Math.max(0, a.runClass - a.gained) - Math.max(0, b.runClass - b.gained);
  if (runs !== 0) return runs < 0;
  const steps = Math.max(0, a.stepClass - a.gained) - Math.max(0, b.stepClass - b.gained);
  if (steps !== 0) return steps < 0;
  if (a.runOrder !== b.runOrder) return a.runOrder < b.runOrder;
  if (a.remaining !== b.remaining) return a.remaining > b.remaining;
  if (a.readyAt !== b.readyAt) return a.readyAt < b.readyAt;
  return a.index < b.index;
}
