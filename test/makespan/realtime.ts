/**
 * The graphs on the real clock: every task takes its time, every commit is synced to a file. A script of its own, on
 * the built package: `node --import tsx realtime.ts <abreast> <case> …` prints what it played as one line of JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOrchestrator } from "tutti";
import { type Case, readCases } from "./cases.ts";
import { graphOf, msPerUnit, SLOTS } from "./graph.ts";
import type { Played } from "./played.ts";

/** Never shorter than `ms`, though timers count from the last turn of the event loop and drop fractions. */
function work(ms: number): Promise<null> {
  const due = performance.now() + ms;
  return new Promise((resolve) => {
    const look = (): void => {
      const left = due - performance.now();
      if (left > 0) setTimeout(look, left);
      else resolve(null);
    };
    look();
  });
}

async function play(one: Case, m: number): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), "tutti-makespan-"));
  try {
    const graph = graphOf(one, work);
    const store = join(folder, "tutti.db");
    await using tutti = await createOrchestrator({ store, maxConcurrentTasks: m, workflows: [graph] });
    const started = performance.now();
    await (await tutti.runs.start(graph, null)).result();
    const ms = performance.now() - started;
    const cpList = one.runs.find((run) => run.m === m)?.cpList ?? 0;
    return { name: `${one.id} on ${m}`, seconds: ms / 1_000, ratio: ms / (cpList * msPerUnit(one)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** On 4 and on 8 slots, `abreast` of them at a time: each has an engine of its own, and hardly needs the processor. */
async function playAll(cases: readonly Case[], abreast: number): Promise<readonly Played[]> {
  const left = cases.flatMap((one) => SLOTS.map((m) => ({ one, m })));
  const played: Played[] = [];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) played.push(await play(next.one, next.m));
  };
  await Promise.all(Array.from({ length: abreast }, lane));
  return played;
}

const [abreast, ...ids] = process.argv.slice(2);
const all = [...readCases("stg"), ...readCases("wf")];
const cases = all.filter(({ id }) => ids.includes(id));
// A tenth of a second of it, so that the first of them does not pay for the compiler.
await playAll(
  all.filter(({ id }) => id.includes("helloworld")),
  1,
);
console.log(JSON.stringify(await playAll(cases, Number(abreast))));
