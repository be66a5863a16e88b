/** The same graphs on the real clock: every task takes its time, every commit is synced to a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOrchestrator } from "../../src/orchestrator.ts";
import type { Case } from "./cases.ts";
import { graphOf, msPerUnit, SLOTS } from "./graph.ts";

export interface Played {
  readonly name: string;
  readonly seconds: number;
  /** How long it took ÷ what list scheduling by the longest remaining path takes where nothing but tasks costs time. */
  readonly ratio: number;
}

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
export async function playAll(cases: readonly Case[], abreast: number): Promise<readonly Played[]> {
  const left = cases.flatMap((one) => SLOTS.map((m) => ({ one, m })));
  const played: Played[] = [];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) played.push(await play(next.one, next.m));
  };
  await Promise.all(Array.from({ length: abreast }, lane));
  return played;
}

/** For the log, worst first. */
export function told(played: readonly Played[]): string {
  const lines = [...played].sort((a, b) => b.ratio - a.ratio);
  const mean = meanRatio(played).toFixed(4);
  return `mean ${mean}; ${lines.map(({ name, seconds, ratio }) => `${name}: ${ratio.toFixed(3)} (${seconds.toFixed(1)} s)`).join(", ")}`;
}

export function meanRatio(played: readonly Played[]): number {
  return played.reduce((sum, { ratio }) => sum + ratio, 0) / played.length;
}

/** Of the tasks that take any time: where they are short, the clock's own grain is seen and not the schedule. */
export function medianTaskMs(one: Case): number {
  const durations = one.tasks.flatMap(({ dur }) => (dur > 0 ? [dur * msPerUnit(one)] : [])).sort((a, b) => a - b);
  return durations[durations.length >> 1] ?? 0;
}
