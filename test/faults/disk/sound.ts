/** A store of fifty runs with everything that is known of it, to be damaged. */
import { DatabaseSync } from "@photostructure/sqlite";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../../../src/run/events.ts";
import type { Run } from "../../../src/run/state.ts";
import { sampleChain, SampleRun } from "../../../src/store/samples.ts";
import { openSqlite } from "../../../src/store/sqlite/open.ts";
import { DISKS } from "./explore.ts";
import { Promises } from "./verdict.ts";

const RUNS = 50;
const STEPS = 6;
/** Damage in the last commits of a log is taken for a power cut within them. */
const LAST_COMMITS = 2;

/** The text of one row: where it lies in the file, and whose it is. */
export interface Payload {
  readonly of: "events" | "instances" | "runs";
  readonly runId: string;
  readonly at: number;
  readonly length: number;
}

export interface Sound {
  /** All of it, closed. */
  readonly file: Buffer;
  readonly payloads: readonly Payload[];
  /** The same of a killed owner: all of it in the log, and the file as it was before. */
  readonly log: Buffer;
  readonly emptyFile: Buffer;
  readonly runs: ReadonlyMap<string, Run>;
  readonly journals: ReadonlyMap<string, readonly RunEvent[]>;
  /** All commits asked for; promised none of them, or all but the last. */
  readonly asked: Promises;
  readonly promised: Promises;
}

export async function soundStore(): Promise<Sound> {
  const folder = mkdtempSync(join(DISKS, "tutti-sound-"));
  try {
    const path = join(folder, "store.db");
    // Makes the tables, so that all the rest is in the log.
    await (await openSqlite(path))[Symbol.asyncDispose]();
    const emptyFile = readFileSync(path);
    const { runs, commits } = sampleCommits();
    const journals = new Map<string, RunEvent[]>();
    const [asked, promised] = [new Promises(), new Promises()];
    const store = await openSqlite(path);
    for (const [n, commit] of commits.entries()) {
      await store.commit(commit);
      const positions = commit.map(({ run }) => [run.id, run.seq] as const);
      for (const promises of [asked, promised]) promises.hear({ asks: positions });
      if (n < commits.length - LAST_COMMITS) promised.hear({ holds: positions });
    }
    for (const { run } of runs) journals.set(run.id, [...(await store.events(run.id, 0, 1_000))]);
    const log = readFileSync(`${path}-wal`);
    await store[Symbol.asyncDispose]();
    const file = compact(path);
    const byId = new Map(runs.map(({ run }) => [run.id, run]));
    return { file, payloads: payloadsIn(path, file), log, emptyFile, runs: byId, journals, asked, promised };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every fifth run stays open, in the middle of its chain. */
function sampleCommits() {
  const pinned = sampleChain(STEPS);
  const runs = Array.from({ length: RUNS }, (_, n) => new SampleRun(`run-${n}`, { pinned, tags: [`t${n % 3}`] }));
  const steps = runs.flatMap((run, n) => Array<SampleRun>(n % 5 === 0 ? 3 : STEPS).fill(run));
  const commits = [runs.map((run) => run.start())];
  for (const [n, run] of steps.entries()) commits.push([run.step({ json: `"${"text ".repeat(n % 9)}"` })]);
  return { runs, commits };
}

/** Without what pages hold of rows that have moved: a text is found once, where it counts. */
function compact(path: string): Buffer {
  using db = new DatabaseSync(path);
  db.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  return readFileSync(path);
}

const BODIES = `
  SELECT 'events' AS "of", runs.id AS runId, body FROM events JOIN runs USING (run)
  UNION ALL SELECT 'instances', runs.id, body FROM instances JOIN runs ON instances.id / 1048576 = run
  UNION ALL SELECT 'runs', runs.id, head FROM runs`;

function payloadsIn(path: string, file: Buffer): readonly Payload[] {
  using db = new DatabaseSync(path);
  const rows = db.prepare(BODIES).all() as { of: Payload["of"]; runId: string; body: string }[];
  return rows.map(({ of, runId, body }) => {
    // The root of a tree that has grown still holds what it held as a leaf: the later one counts.
    const at = file.lastIndexOf(body);
    if (at === -1) throw new Error(`a row of ${runId} lies in pieces; make it shorter`);
    return { of, runId, at, length: Buffer.byteLength(body) };
  });
}

/** A store made of these bytes, for a while. */
export async function withStore<T>(
  bytes: { file: Buffer; log?: Buffer },
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(DISKS, "tutti-flip-"));
  try {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "store.db");
    writeFileSync(path, bytes.file);
    if (bytes.log) writeFileSync(`${path}-wal`, bytes.log);
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A copy with one bit turned. */
export function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}
