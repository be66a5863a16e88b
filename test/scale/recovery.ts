import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measured } from "./measured.ts";

export interface Recovery {
  /** Until the store is open and every run is taken up, durably. */
  readonly openMs: number;
  /** Until the last of the runs has a step going again. */
  readonly goingMs: number;
}

/** Leaves runs behind, each with its last step under way when the engine is killed, and takes them up again. */
export async function measureRecovery(runs: number, steps: number): Promise<Recovery> {
  const folder = mkdtempSync(join(tmpdir(), "tutti-recovery-"));
  try {
    await measured("leave", [runs, steps], folder);
    const recovery = await measured<Recovery>("recover", [runs, steps], folder);
    if (!recovery) throw new Error("the engine that was to recover said nothing");
    return recovery;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
