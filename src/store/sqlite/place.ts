/**
 * Whether a store's files still lie where they were opened. Who moves, removes or replaces one leaves its owner writing
 * where nobody will read, and lets another owner in beside it: SQLite and the kernel's locks know files, not names.
 */
import { inodeOf } from "../../host/files.ts";
import type { Clock } from "../../std/clock.ts";

/** Three names are looked up in about 6 µs, which is a few percent of a commit: hence not at each one. */
const EVERY_MS = 100;

export class Place {
  private readonly clock: Clock;
  /** What each name led to when the store was opened. */
  private readonly inodes = new Map<string, string | undefined>();
  private lookedAt: number;

  /** Names of files that are open now, and stay so for the life of the store. */
  constructor(names: readonly string[], clock: Clock) {
    this.clock = clock;
    this.lookedAt = clock.uptime();
    for (const name of names) this.inodes.set(name, inodeOf(name));
  }

  /** The first of them that is not there any more, or another file; looked for if `now`, or if it is time. */
  lost(now: boolean): string | undefined {
    const at = this.clock.uptime();
    if (!now && at - this.lookedAt < EVERY_MS) return undefined;
    this.lookedAt = at;
    for (const [name, inode] of this.inodes) if (isElsewhere(name, inode)) return name;
    return undefined;
  }
}

function isElsewhere(name: string, inode: string | undefined): boolean {
  try {
    return inodeOf(name) !== inode;
  } catch {
    // A folder that we may not enter any more: nothing is known of the file in it.
    return false;
  }
}
