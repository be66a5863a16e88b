/**
 * What a commit costs at synchronous = FULL: one step of each run per commit, each with 2 events, 2 instance rows and
 * 1 position. The heart's own time is not counted. Beside it, in turns with it: the same rows already encoded
 * (`rows alone`), and the store over rows in memory (`no disk`).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DurableStore } from "../src/store/durable.ts";
import { MemoryRows } from "../src/store/memory/rows.ts";
import type { RowStore, RunWrite } from "../src/store/rows.ts";
import { sampleChain, SampleRun } from "../src/store/samples.ts";
import { openSqliteRows } from "../src/store/sqlite/open.ts";

interface Shape {
  readonly name: string;
  /** In flight. */
  readonly runs: number;
  /** Steps of one run; then it ends and another begins. */
  readonly chain: number;
  readonly commits: number;
}

const SHAPES: readonly Shape[] = [
  { name: "200 runs of 10 steps", runs: 200, chain: 10, commits: 220 },
  { name: "200 runs of 1,000 steps", runs: 200, chain: 1_000, commits: 200 },
  { name: "one run of 1,000 steps", runs: 1, chain: 1_000, commits: 1_000 },
];
const ROUNDS = 5;

/** Steps per second of a store over these rows, which are closed. */
async function throughStore(rows: RowStore, { runs: inFlight, chain, commits }: Shape): Promise<number> {
  const store = new DurableStore(rows);
  const pinned = sampleChain(chain);
  let round = 0;
  let runs: SampleRun[] = [];
  let spent = 0;
  for (let commit = 0; commit < commits; commit++) {
    const fresh = commit % (chain + 1) === 0;
    if (fresh) runs = Array.from({ length: inFlight }, (_, n) => new SampleRun(`run_${round++}_${n}`, { pinned }));
    const batch = runs.map((run) => (fresh ? run.start() : run.step()));
    const started = performance.now();
    await store.commit(batch);
    spent += performance.now() - started;
  }
  await store[Symbol.asyncDispose]();
  return (inFlight * commits * 1_000) / spent;
}

/** What the store hands to its rows. */
async function encoded(shape: Shape): Promise<readonly (readonly RunWrite[])[]> {
  const all: (readonly RunWrite[])[] = [];
  const rows = new MemoryRows();
  const write = rows.write.bind(rows);
  rows.write = (writes) => {
    all.push(writes);
    return write(writes);
  };
  await throughStore(rows, shape);
  return all;
}

async function rowsAlone(rows: RowStore, batches: readonly (readonly RunWrite[])[], shape: Shape): Promise<number> {
  const started = performance.now();
  for (const writes of batches) await rows.write(writes);
  const spent = performance.now() - started;
  await rows.close();
  return (shape.runs * shape.commits * 1_000) / spent;
}

const folder = mkdtempSync(join(tmpdir(), "tutti-bench-"));
let files = 0;
const newFile = (): RowStore => openSqliteRows(join(folder, `${files++}.db`));
try {
  for (const shape of SHAPES) {
    const batches = await encoded(shape);
    const rates: Record<string, number[]> = { store: [], "rows alone": [], "no disk": [] };
    for (let round = 0; round <= ROUNDS; round++) {
      const measured = {
        store: await throughStore(newFile(), shape),
        "rows alone": await rowsAlone(newFile(), batches, shape),
        "no disk": await throughStore(new MemoryRows(), shape),
      };
      // The first round is the warm-up.
      if (round > 0) for (const [name, rate] of Object.entries(measured)) rates[name]?.push(Math.round(rate));
    }
    console.log(`${shape.name}: steps/s, median (lowest to highest) of ${ROUNDS}`);
    for (const [name, found] of Object.entries(rates)) {
      const sorted = found.sort((a, b) => a - b);
      console.log(`  ${name}: ${sorted[ROUNDS >> 1]} (${sorted[0]} to ${sorted.at(-1)})`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
