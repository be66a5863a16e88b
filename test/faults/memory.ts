/**
 * RELIABILITY T14: stands in for `src/store/memory/open.ts` in the project `faulty`. One commit in twenty is refused, by
 * turns before anything of it was written, half-way, and after all of it was. Never two in a row: the second try is
 * then the last, so that no test waits.
 */
import { openMemory as openSound } from "../../src/store/memory/open.ts";
import type { MemoryRows } from "../../src/store/memory/rows.ts";
import type { Store } from "../../src/store/port.ts";
import { systemClock } from "../../src/std/clock.ts";
import { seeded } from "../../src/std/random.ts";
import type { Fault } from "../../src/testing/store.ts";
import { faultyStore } from "../../src/testing/store.ts";

const SHARE = 0.05;

export function openMemory(rows?: MemoryRows): Store {
  return faultyStore(openSound(rows), { clock: systemClock, fault });
}

/** Of the whole worker, so that stores of three commits meet faults too. */
const random = seeded(14);
let before = false;
let count = 0;

function fault(parts: number): Fault | undefined {
  before = !before && random() < SHARE;
  if (!before) return undefined;
  const kept = [0, Math.floor(parts / 2), parts][count++ % 3] as number;
  return { kept, ends: "refuse" };
}
