import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
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
export function measureRecovery(runs: number, steps: number): Promise<Recovery> {
  return inFolder(tmpdir(), async (folder) => {
    await measured("leave", [runs, steps], folder);
    return measured<Recovery>("recover", [runs, steps], folder);
  });
}

/** A graph, from its making to the end of its run. */
export interface Whole {
  readonly steps: number;
  readonly builtMs: number;
  readonly validatedMs: number;
  readonly ms: number;
}

export interface Chain extends Whole {
  readonly medianUs: number;
}

/** A disk of memory, where there is one: quicker, and never disturbed by others. */
function memoryDisk(): string {
  const folder = "/dev/shm";
  if (!existsSync(folder)) return tmpdir();
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > 2 ** 30 ? folder : tmpdir();
}

/** Chains of 1,000, 10,000 and 100,000 steps. */
export function measureChains({ disk }: { readonly disk: boolean }): Promise<readonly Chain[]> {
  return inFolder(disk ? tmpdir() : memoryDisk(), (folder) =>
    measured<readonly Chain[]>("chains", [1_000, 10_000, 100_000], folder),
  );
}

export function measureFan(): Promise<Whole> {
  return inFolder(tmpdir(), (folder) => measured<Whole>("fan", [100_000], folder));
}

export interface Heap {
  /** Runs that are open. */
  readonly waiting: number;
  readonly bytesPerRun: number;
}

export function measureHeap(): Promise<Heap> {
  return inFolder(tmpdir(), (folder) => measured<Heap>("heap", [10_000], folder));
}

async function inFolder<T>(where: string, measure: (folder: string) => Promise<T | undefined>): Promise<T> {
  const folder = mkdtempSync(join(where, "tutti-scale-"));
  try {
    const value = await measure(folder);
    if (value === undefined) throw new Error("the measurement said nothing");
    return value;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
