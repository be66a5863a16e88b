/** The power is cut at random points of a recording, and each disk that may be left is opened. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Random, seeded } from "../../../src/std/random.ts";
import { Image } from "./image.ts";
import type { Recording } from "./recording.ts";
import { Promises, wrongWith } from "./verdict.ts";

/** Where states are laid down: in memory, where there is room for that. */
export const DISKS = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export interface Exploration {
  readonly states: number;
  /** States in which something of the store was not synced. */
  readonly atRisk: number;
  /** States before which at least one commit was promised. */
  readonly promised: number;
  /** States in which something is wrong, each with all that is. */
  readonly wrong: readonly string[];
}

/** `count` states, in the order of their cuts; the same seed gives the same states of the same recording. */
export async function explore(recording: Recording, count: number, seed: number): Promise<Exploration> {
  const random = seeded(seed);
  const disk = mkdtempSync(join(DISKS, "tutti-power-"));
  const found = { states: 0, atRisk: 0, promised: 0, wrong: [] as string[] };
  const image = new Image();
  const promises = new Promises();
  const cuts = cutsIn(recording, count, random);
  try {
    for (const [index, step] of recording.steps.entries()) {
      if (step.call === "note") promises.hear(step.note);
      else image.apply(step);
      for (let n = cuts.get(index) ?? 0; n > 0; n--) {
        const state = join(disk, String(found.states));
        found.states++;
        if (image.atRisk(recording.db) || image.atRisk(`${recording.db}-wal`)) found.atRisk++;
        if (promises.held.size > 0) found.promised++;
        write(state, image.cut(random));
        const wrong = await wrongWith(join(state, recording.db), promises, {
          journals: recording.journals,
          further: found.states % 4 === 0,
        });
        if (wrong.length > 0) found.wrong.push(`${recording.title}, after call ${index}: ${wrong.join("; ")}`);
        rmSync(state, { recursive: true });
        if (found.states % 50 === 0) await collect();
      }
    }
  } finally {
    rmSync(disk, { recursive: true });
  }
  return found;
}

/** How many cuts after which step. Half of them are where something has just been said. */
function cutsIn({ steps }: Recording, count: number, random: Random): ReadonlyMap<number, number> {
  const notes = [...steps.keys()].filter((index) => steps[index]?.call === "note");
  const cuts = new Map<number, number>();
  for (let n = 0; n < count; n++) {
    const among = n % 2 === 0 ? [...steps.keys()] : notes;
    const at = among[Math.floor(random() * among.length)] as number;
    cuts.set(at, (cuts.get(at) ?? 0) + 1);
  }
  return cuts;
}

function write(folder: string, files: ReadonlyMap<string, Buffer>): void {
  mkdirSync(folder);
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** The driver closes a file when its statements have been collected, and thousands are opened here. */
export async function collect(): Promise<void> {
  gc();
  // What is collected is finalized in the next turn of the event loop.
  await turn();
}
