/** After a crash of ours: what our agents' processes left running is killed before anything runs again. */
import { carriersOf, identityOf, killAll, ownLine, variableOf } from "./processes.ts";

const LIMIT_MS = 10_000;

/** The variables every process we start carries; its children inherit them. */
export const STORE_VARIABLE = "TUTTI_STORE_ID";
/** Unique for ever: `<run>/<path>#<attempt>.<epoch>@<identity of the engine's process>`. */
export const ATTEMPT_VARIABLE = "TUTTI_ATTEMPT";

export function attemptMark(attempt: string): string {
  return `${attempt}@${identityOf(process.pid) ?? process.pid}`;
}

/**
 * Kills every process an earlier engine of this store started, and their children, and returns how many. They are dead
 * then, but for one that hangs in a system call for over 10 s: it does nothing more and dies as that returns. Spared:
 * this process, its ancestors, and what belongs to another engine that still lives, whose store is then a copy of
 * ours. Where there is no /proc it finds none.
 */
export async function reapOrphans(storeId: string): Promise<number> {
  const spared = ownLine();
  const mine = identityOf(process.pid);
  const orphans = async (): Promise<number[]> =>
    (await carriersOf(`${STORE_VARIABLE}=${storeId}`)).filter((pid) => {
      if (spared.has(pid)) return false;
      const owner = variableOf(pid, ATTEMPT_VARIABLE)?.split("@").at(-1);
      return owner === undefined || owner === mine || identityOf(Number.parseInt(owner)) !== owner;
    });
  return (await killAll(orphans, LIMIT_MS)).killed;
}
