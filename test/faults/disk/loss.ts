/** What a power cut takes of the changes that were not synced, in one of several manners. */
import type { Random } from "../../../src/std/random.ts";

export type Change = { readonly at: number; readonly data: Buffer } | { readonly truncated: number };

export interface Loss {
  keepsName(): boolean;
  /** Of the changes of one file, in their order. */
  readonly kept: (changes: readonly Change[]) => readonly Change[];
}

const SECTOR = 512;

export function lossOf(random: Random): Loss {
  const dice = random();
  if (dice < 0.1) return { keepsName: () => false, kept: () => [] };
  if (dice < 0.2) return { keepsName: () => true, kept: (changes) => changes };
  const keepsName = someOf(random);
  const keeps = someOf(random);
  if (dice < 0.4) return { keepsName, kept: (changes) => changes.filter(keeps) };
  if (dice < 0.6) return { keepsName, kept: (changes) => torn(changes, random) };
  return { keepsName, kept: (changes) => changes.flatMap(sectors).filter(keeps) };
}

/** Few, half, or nearly all. */
function someOf(random: Random): () => boolean {
  const share = [0.03, 0.5, 0.97][Math.floor(random() * 3)] as number;
  return () => random() < share;
}

/** In order up to somewhere, the last of them only in part. */
function torn(changes: readonly Change[], random: Random): readonly Change[] {
  const end = Math.floor(random() * (changes.length + 1));
  const parts = changes.slice(end, end + 1).flatMap(sectors);
  return [...changes.slice(0, end), ...parts.slice(0, Math.floor(random() * (parts.length + 1)))];
}

function sectors(change: Change): readonly Change[] {
  if ("truncated" in change) return [change];
  const parts: Change[] = [];
  const end = change.at + change.data.length;
  for (let at = change.at; at < end;) {
    const next = Math.min(end, (Math.floor(at / SECTOR) + 1) * SECTOR);
    parts.push({ at, data: change.data.subarray(at - change.at, next - change.at) });
    at = next;
  }
  return parts;
}
