/**
 * RELIABILITY T47: SIGTERM under load. The real command works on a wide run of functions and programs; it is told to
 * stop at a random moment, and started again until the run has ended.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { seeded } from "../../src/std/random.ts";
import { ROOT } from "../house/source.ts";

const COMMAND = join(ROOT, "dist/cli/main.js");

const STEPS = `
export const work = ({ ms }, { signal }) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)));
  });
export const deaf = () => new Promise((resolve) => setTimeout(resolve, 60_000));
`;

/** From the signal to the exit; what runs gets 50 ms to end, programs two signals more. */
const LATEST_MS = 10_000;
/** Claims of the turn that was going when the signal came. */
const LAST_CLAIM_MS = 500;

export interface Terminations {
  readonly stopped: number;
  readonly runs: number;
  readonly releases: number;
  readonly violations: readonly string[];
}

interface Told {
  readonly type: string;
  readonly path?: string;
  readonly reason?: string;
  readonly time?: string;
}

/** Stops so many processes, each in the middle of a run. */
export async function playTerminations({ count, seed }: { count: number; seed: number }): Promise<Terminations> {
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), "tutti-term-"));
  const violations: string[] = [];
  let stopped = 0;
  let runs = 0;
  let releases = 0;
  try {
    writeFileSync(join(folder, "steps.mjs"), STEPS);
    writeFileSync(join(folder, "wide.json"), JSON.stringify(wide(random)));
    while (stopped < count) {
      const id = `run-${runs++}`;
      const lives: Life[] = [];
      do lives.push(await live(folder, id, 250 + random() * 400));
      while (lives.at(-1)?.code === 143);
      stopped += lives.filter(({ code }) => code === 143).length;
      const events = eventsOf(folder, id);
      releases += events.filter(({ type }) => type === "step.released").length;
      violations.push(...judge(id, lives, events), ...judgeEnd(folder, id));
    }
    return { stopped, runs, releases, violations };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Twelve steps wide and three deep: functions, and a program in each row. */
function wide(random: () => number): object {
  const steps: Record<string, object> = {};
  for (let row = 0; row < 3; row++) {
    for (let n = 0; n < 12; n++) {
      const needs = row === 0 ? {} : { needs: [`r${row - 1}n${n}`, `r${row - 1}n${(n + 1) % 12}`] };
      const worker = n === 0 ? { agent: "program" } : { uses: "./steps.mjs#work" };
      steps[`r${row}n${n}`] = { ...needs, ...worker, input: { ms: Math.round(20 + random() * 180) } };
    }
  }
  const program = ["/bin/sh", "-c", "cat >/dev/null; sleep 0.2; echo 1"];
  return {
    tutti: "1",
    id: "wide",
    version: "1",
    concurrency: 8,
    agents: [{ id: "program", capabilities: ["programs"], version: "1.0.0", process: program }],
    steps,
  };
}

interface Life {
  readonly code: number | null;
  /** ms since 1970; absent: it ended by itself. */
  readonly signalAt: number | undefined;
  readonly exitAt: number;
}

/** One life of the command: SIGTERM after so many ms, unless it has ended by then. */
async function live(folder: string, id: string, ms: number): Promise<Life> {
  const child = spawn(process.execPath, [COMMAND, "run", "wide.json", "--run-id", id, "--quiet"], {
    cwd: folder,
    env: { ...process.env, TUTTI_SHUTDOWN_GRACE: "50ms" },
    stdio: "ignore",
  });
  const exit = once(child, "exit") as Promise<[number | null, string | null]>;
  const over = new AbortController();
  let signalAt: number | undefined;
  const stop = after(ms, undefined, { signal: over.signal }).then(
    () => {
      signalAt = Date.now();
      child.kill("SIGTERM");
    },
    () => undefined,
  );
  const [code, signal] = await exit;
  over.abort();
  await stop;
  // By the signal itself: it came before Node could hear it. A shell shows the same.
  return { code: signal === "SIGTERM" ? 143 : code, signalAt, exitAt: Date.now() };
}

function eventsOf(folder: string, id: string): readonly Told[] {
  const args = [COMMAND, "runs", "events", id, "--output", "ndjson"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
}

function judge(id: string, lives: readonly Life[], events: readonly Told[]): readonly string[] {
  const violations: string[] = [];
  for (const { code, signalAt, exitAt } of lives) {
    if (code !== 143 && code !== 0) violations.push(`${id}: exit ${code}`);
    if (signalAt === undefined) continue;
    if (exitAt - signalAt > LATEST_MS) violations.push(`${id}: exit ${exitAt - signalAt} ms after the signal`);
    for (const { type, path, time = "" } of events) {
      const at = Date.parse(time);
      if (type === "step.started" && at > signalAt + LAST_CLAIM_MS && at < exitAt)
        violations.push(`${id}: ${path} began ${at - signalAt} ms after the signal`);
    }
  }
  for (const { type, path, reason } of events) {
    if (type === "step.released" && reason !== "shutdown") violations.push(`${id}: ${path} was released as ${reason}`);
    if (type === "step.retrying" || type === "step.failed") violations.push(`${id}: ${path}: ${type}`);
  }
  return violations;
}

function judgeEnd(folder: string, id: string): readonly string[] {
  const args = [COMMAND, "runs", "get", id, "--json"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const { status, steps } = JSON.parse(stdout) as { status: string; steps: Record<string, { attempts: number }> };
  const counted = Object.entries(steps).filter(([, { attempts }]) => attempts !== 1);
  return [
    ...(status === "completed" ? [] : [`${id}: ${status}`]),
    ...counted.map(([path, { attempts }]) => `${id}: ${path} counts ${attempts} attempts`),
  ];
}
