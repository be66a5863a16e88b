/**
 * `npm run bench`: the product against its limit and against others, under the same load, by turns, every commit
 * synced. Prints Markdown, kept in docs/performance.md. With `--quick` the product and its limit alone, as JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { append, limit } from "./limit.ts";
import { product, recorded } from "./load.ts";
import type { Load } from "./load.ts";
import { absence, measurePeer, PEERS } from "./peers.ts";
import { loadAverage, loadTable, machine } from "./report.ts";
import { byTurns, ratio } from "./rounds.ts";
import type { Measure, Measures, Rates } from "./rounds.ts";

const ROUNDS = 5;
const quick = process.argv.includes("--quick");
const many: Load = { runs: quick ? 1_000 : 2_000, steps: 10, inFlight: 200 };
const one: Load = { runs: 1, steps: 1_000, inFlight: 1 };

/** A folder of its own for every measurement, gone when it is over. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "tutti-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const inFile =
  (measure: (file: string) => Promise<number>): Measure =>
  () =>
    inFolder((folder) => measure(join(folder, "tutti.db")));

interface Measured {
  readonly rates: Rates;
  /** Events and instances that a step writes. */
  readonly rowsPerStep: number;
}

async function measure(load: Load, peers: Measures): Promise<Measured> {
  const commits = await inFolder((folder) => recorded(load, join(folder, "tutti.db")));
  const steps = load.runs * load.steps;
  const rates = await byTurns(
    ROUNDS,
    new Map([
      ["Tutti", inFile((file) => product(load, file))],
      ["limit", inFile(async (file) => (steps * 1_000) / (await limit(commits, file)))],
      ["append", inFile(async (file) => (steps * 1_000) / append(commits, file))],
      ...peers,
    ]),
  );
  const rows = commits.flat().reduce((sum, { events, instances }) => sum + events.length + instances.length, 0);
  return { rates, rowsPerStep: rows / steps };
}

/** Those that are here. They warm up in every process of theirs, so not in the first round. */
function peers(): Measures {
  const found = new Map<string, Measure>();
  for (const peer of PEERS) {
    const why = absence(peer);
    if (why === undefined)
      found.set(peer.name, async (round) => (round === 0 ? 0 : inFolder((folder) => measurePeer(peer, many, folder))));
    else console.error(`${peer.name} is skipped: ${why}.`);
  }
  return found;
}

if (quick) {
  const found: Record<string, object> = {};
  for (const [name, load] of Object.entries({ many, one })) {
    const { rates, rowsPerStep } = await measure(load, new Map());
    found[name] = { ofLimit: ratio(rates, "Tutti", "limit"), rowsPerStep, rates: Object.fromEntries(rates) };
  }
  console.log(JSON.stringify(found));
} else {
  const before = loadAverage();
  const tables: string[] = [];
  for (const [load, others] of [
    [many, peers()],
    [one, new Map<string, Measure>()],
  ] as const) {
    const { rates, rowsPerStep } = await measure(load, others);
    tables.push(loadTable(load, rates, rowsPerStep));
  }
  console.log(`${machine()}\nLoad average ${before} before, ${loadAverage()} after; ${ROUNDS} rounds.\n`);
  console.log(tables.join("\n\n"));
}
