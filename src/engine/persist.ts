import { sleep } from "../std/clock.ts";
import type { RunCommit } from "../store/port.ts";
import type { EngineParts } from "./parts.ts";

const RETRY_MS = 1_000;

/**
 * Commits, and tries again for as long as the store refuses: a full disk stalls the engine and loses nothing. Once
 * the engine is winding up a refusal is thrown.
 */
export async function persist(
  { store, clock, report }: EngineParts,
  commits: readonly RunCommit[],
  winding: () => boolean,
): Promise<void> {
  for (;;) {
    try {
      return await store.commit(commits);
    } catch (error) {
      if (winding()) throw error;
      report(`the store refuses to commit, trying again: ${error instanceof Error ? error.message : String(error)}`);
      await sleep(clock, RETRY_MS);
    }
  }
}
