/** The two loads, through the public API on a file of their own, and what they hand to the rows of the store. */
import type { Workflow } from "tutti";
import { createOrchestrator, workflow } from "tutti";
import { DurableStore } from "../src/store/durable.ts";
import type { RunWrite } from "../src/store/rows.ts";
import { openSqliteRows } from "../src/store/sqlite/open.ts";

export interface Load {
  readonly runs: number;
  /** Of each run, one after the other. */
  readonly steps: number;
  readonly inFlight: number;
}

/** The steps that ran: a figure counts only when all of them did. */
let ran = 0;
const noop = (): null => {
  ran++;
  return null;
};

function chain(steps: number): Workflow<null, object> {
  return workflow({ id: `chain-${steps}`, version: "1" }, (w) => {
    let before = w.task("s0", { input: null, run: noop });
    for (let n = 1; n < steps; n++) before = w.task(`s${n}`, { needs: { before }, input: null, run: noop });
    return {};
  });
}

/** Steps per second, from the first start to the last result. */
export async function product(load: Load, store: string | DurableStore): Promise<number> {
  const { runs, steps, inFlight } = load;
  const one = chain(steps);
  const limits = { maxConcurrentRuns: inFlight, maxConcurrentTasks: inFlight };
  await using tutti = await createOrchestrator({ store, workflows: [one], ...limits });
  let left = runs;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await (await tutti.runs.start(one, null)).result();
  };
  ran = 0;
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const spent = performance.now() - started;
  if (ran !== runs * steps) throw new Error(`${ran} steps ran instead of ${runs * steps}`);
  return (ran * 1_000) / spent;
}

/** What the load writes, commit by commit. */
export async function recorded(load: Load, file: string): Promise<readonly (readonly RunWrite[])[]> {
  const commits: (readonly RunWrite[])[] = [];
  const rows = openSqliteRows(file);
  const write = rows.write.bind(rows);
  rows.write = (writes) => {
    commits.push(writes);
    return write(writes);
  };
  await product(load, new DurableStore(rows));
  return commits;
}
