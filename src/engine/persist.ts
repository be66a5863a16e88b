import { InvariantError } from "../std/invariant.ts";
import { sleep } from "../std/clock.ts";
import type { EngineParts } from "./parts.ts";

const RETRY_MS = 1_000;

/**
 * Writes, and tries again for as long as the store refuses, the first time at once, then with a wait between: a busy
 * store costs nothing, a full disk stalls the engine and loses nothing. When it
 * is `enough` a refusal is thrown; so is at once what no second try could mend.
 */
export async function persist<T>(
  { clock, report }: EngineParts,
  write: () => Promise<T>,
  enough: () => boolean,
): Promise<T> {
  for (let refusals = 0; ; refusals++) {
    try {
      return await write();
    } catch (error) {
      if (enough() || error instanceof InvariantError) throw error;
      report(`the store refuses to commit, trying again: ${error instanceof Error ? error.message : String(error)}`);
      if (refusals > 0) await sleep(clock, RETRY_MS);
    }
  }
}
