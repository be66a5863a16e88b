import { readdirSync, readFileSync } from "node:fs";

/** Processes that carry the mark of a store's engine. Read from /proc by itself, not by the code under test. */
export function processesOf(storeId: string): readonly string[] {
  const mark = `TUTTI_STORE_ID=${storeId}`;
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark);
    } catch {
      // It has just ended, or is not ours.
      return false;
    }
  });
}
