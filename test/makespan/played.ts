/** Graphs played on the real clock, in a process that nothing instruments. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { builtPackage } from "../faults/built.ts";
import type { Case } from "./cases.ts";
import { msPerUnit } from "./graph.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Played {
  readonly name: string;
  readonly seconds: number;
  /** How long it took ÷ what list scheduling by the longest remaining path takes where nothing but tasks costs time. */
  readonly ratio: number;
}

/** On 4 and on 8 slots, `abreast` of them at a time: each has an engine of its own, and hardly needs the processor. */
export async function played(cases: readonly Case[], abreast: number): Promise<readonly Played[]> {
  await builtPackage();
  const script = fileURLToPath(new URL("realtime.ts", import.meta.url));
  const ids = cases.map(({ id }) => id);
  const child = spawn(process.execPath, ["--import", "tsx", script, String(abreast), ...ids], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let answer = "";
  child.stdout.on("data", (text) => (answer += text));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`playing ended with ${code}`);
  return JSON.parse(answer);
}

/** For the log, worst first. */
export function told(all: readonly Played[]): string {
  const lines = [...all].sort((a, b) => b.ratio - a.ratio);
  const mean = meanRatio(all).toFixed(4);
  return `mean ${mean}; ${lines.map(({ name, seconds, ratio }) => `${name}: ${ratio.toFixed(3)} (${seconds.toFixed(1)} s)`).join(", ")}`;
}

export function meanRatio(all: readonly Played[]): number {
  return all.reduce((sum, { ratio }) => sum + ratio, 0) / all.length;
}

/** Of the tasks that take any time: where they are short, the clock's own grain is seen and not the schedule. */
export function medianTaskMs(one: Case): number {
  const durations = one.tasks.flatMap(({ dur }) => (dur > 0 ? [dur * msPerUnit(one)] : [])).sort((a, b) => a - b);
  return durations[durations.length >> 1] ?? 0;
}
