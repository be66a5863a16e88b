import type { AgentCard } from "./card.ts";

/** An agent as the dispatcher sees it. */
export interface Candidate {
  readonly card: AgentCard;
  /** Tasks it has now. */
  readonly running: number;
  /** Grows with registration: the tie-breaker. */
  readonly order: number;
}

export interface Selection<C extends Candidate> {
  readonly agent: C;
  /** Why this one, for people. */
  readonly why: string;
}

/**
 * The least loaded of the candidates with a free slot, by running ÷ maxConcurrency; the first registered among
 * equals. `undefined` when none has a slot. Pure: the same candidates, the same answer.
 */
export function select<C extends Candidate>(candidates: readonly C[]): Selection<C> | undefined {
  let best: C | undefined;
  let free = 0;
  for (const candidate of candidates) {
    if (candidate.running >= candidate.card.maxConcurrency) continue;
    free++;
    if (best === undefined || goesBefore(candidate, best)) best = candidate;
  }
  if (best === undefined) return undefined;
  const load = `${best.running} of ${best.card.maxConcurrency} slots taken`;
  const among =
    candidates.length === 1 ? "the only agent" : `the least loaded of ${free} free (${candidates.length} fit)`;
  return { agent: best, why: `${among}: ${load}` };
}

function goesBefore(a: Candidate, b: Candidate): boolean {
  // Compared crosswise: no division, so no rounding decides a tie.
  const load = a.running * b.card.maxConcurrency - b.running * a.card.maxConcurrency;
  return load !== 0 ? load < 0 : a.order < b.order;
}
