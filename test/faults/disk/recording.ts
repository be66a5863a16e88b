/** Engines at work on one store, their calls recorded with what they said in between. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../../src/run/events.ts";
import { openSqliteReader } from "../../../src/store/sqlite/open.ts";
import { builtPackage } from "../built.ts";
import { underStrace } from "./strace.ts";
import { type Call, callsIn, tracing } from "./trace.ts";

/** One line of recorder.mjs: what will be committed, what is promised. */
export interface Note {
  readonly asks?: Positions;
  readonly holds?: Positions;
  readonly started?: string;
  /** The code of a step begins. */
  readonly began?: string;
  readonly ended?: string;
  readonly output?: unknown;
}
type Positions = readonly (readonly [runId: string, seq: number])[];

export type Step = Exclude<Call, { readonly path: "notes" }> | { readonly call: "note"; readonly note: Note };

export interface Recording {
  readonly title: string;
  /** The store, by its path on the disk. */
  readonly db: string;
  readonly steps: readonly Step[];
  /** Every run's whole journal, as it was in the end. */
  readonly journals: ReadonlyMap<string, readonly RunEvent[]>;
}

/** One process: what it does is in recorder.mjs. */
export interface Part {
  readonly kind: "product" | "checkpoints" | "cache" | "normal";
  /** Its runs, by number. */
  readonly first: number;
  readonly last: number;
  /** How often it closes and opens the store. */
  readonly lives?: number;
  /** Kill -9 as it begins its n-th sync: what it wrote before is in the machine's memory, and not on the disk. */
  readonly dieAt?: number;
}

export interface Recorded {
  readonly title: string;
  readonly db: string;
  readonly parts: readonly Part[];
}

const RECORDER = fileURLToPath(new URL("recorder.mjs", import.meta.url));
const NOTES = "notes";

/** The processes of `parts`, one after the other, on a new store. */
export async function record({ title, db, parts }: Recorded): Promise<Recording> {
  await builtPackage();
  const scratch = mkdtempSync(join(tmpdir(), "tutti-disk-"));
  try {
    const steps: Step[] = [];
    for (const [index, part] of parts.entries()) {
      const config = JSON.stringify({ db: join(scratch, db), notes: join(scratch, NOTES), ...part });
      const trace = join(scratch, `trace${index}`);
      const kill = part.dieAt === undefined ? [] : ["-e", `inject=fsync:signal=KILL:when=${part.dieAt}`];
      const { code, signal, stderr } = await underStrace([...tracing(trace), ...kill], [RECORDER, config]);
      if (part.dieAt === undefined ? code !== 0 : signal !== "SIGKILL")
        throw new Error(`${title}: the recorded process ended with ${signal ?? code}:\n${stderr}`);
      steps.push(...callsIn(trace, scratch).flatMap(asStep));
    }
    return { title, db, steps, journals: await journalsOf(join(scratch, db)) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function asStep(call: Call): readonly Step[] {
  if (call.path !== NOTES) return [call];
  return call.call === "append" ? [{ call: "note", note: JSON.parse(String(call.data)) as Note }] : [];
}

async function journalsOf(path: string): Promise<Recording["journals"]> {
  await using reader = await openSqliteReader(path);
  const { items } = await reader.runs({ limit: 1_000 });
  const journals = new Map<string, readonly RunEvent[]>();
  for (const { id } of items) journals.set(id, await reader.events(id, 0, 1_000_000));
  return journals;
}
