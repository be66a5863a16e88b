import { pin } from "../run/pinned.ts";
import type { Pinned } from "../run/pinned.ts";
import { decodeDefinition } from "./codec.ts";
import type { RowReader } from "./rows.ts";

/** Definitions kept at hand with their graphs. Runs in memory hold theirs anyway. */
const LIMIT = 64;

/** Definitions by hash, each numbered once. What is kept here is also in the rows. */
export class Pins {
  private readonly rows: RowReader;
  private readonly kept = new Map<string, Pinned>();

  constructor(rows: RowReader) {
    this.rows = rows;
  }

  has(hash: string): boolean {
    return this.kept.has(hash);
  }

  async get(hash: string): Promise<Pinned | undefined> {
    const known = this.kept.get(hash);
    if (known) return known;
    const body = await this.rows.definition(hash);
    if (body === undefined) return undefined;
    const pinned = pin(decodeDefinition(hash, body));
    this.keep(hash, pinned);
    return pinned;
  }

  keep(hash: string, pinned: Pinned): void {
    if (this.kept.has(hash)) return;
    this.kept.set(hash, pinned);
    if (this.kept.size <= LIMIT) return;
    for (const oldest of this.kept.keys()) {
      this.kept.delete(oldest);
      break;
    }
  }
}
