/** What is recorded, and how many states of each `npm test` looks at: 2,000 in all, and a hundred times that at length. */
import type { Part, Recorded } from "./recording.ts";

export interface PowerCase extends Recorded {
  readonly states: number;
}

const DEEP = "new/deep/store.db";

export const POWER_CASES: readonly PowerCase[] = [
  {
    title: "a new store that is closed and opened again, in one process and in another",
    db: DEEP,
    parts: [
      { kind: "product", first: 0, last: 3, lives: 2 },
      { kind: "product", first: 6, last: 9 },
    ],
    states: 500,
  },
  {
    title: "pages written home in between",
    db: "store.db",
    parts: [{ kind: "checkpoints", first: 0, last: 6 }],
    states: 400,
  },
  {
    title: "transactions larger than the cache",
    db: "store.db",
    parts: [{ kind: "cache", first: 1, last: 6 }],
    states: 400,
  },
  {
    title: "kill -9 within a commit, then the power",
    db: DEEP,
    parts: [
      { kind: "product", first: 0, last: 4, dieAt: 20 },
      { kind: "product", first: 0, last: 6 },
    ],
    states: 500,
  },
  killedAlone(1, 100),
  killedAlone(14, 100),
];

/** One run and one kill: the second process finds little left to do, so hardly anything is synced again. */
export function killedAlone(dieAt: number, states: number): PowerCase {
  const part: Part = { kind: "product", first: 0, last: 1 };
  return { title: `kill -9 at sync ${dieAt}, then the power`, db: DEEP, parts: [{ ...part, dieAt }, part], states };
}

/** Syncs of one run alone, that of its end included. */
export const SYNCS_ALONE = 15;
