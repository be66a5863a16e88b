/** One lane of the kill harness: a store and its engine, killed again and again until all runs have ended. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { TuttiError } from "../../src/errors.ts";
import type { Run } from "../../src/run/state.ts";
import type { Json } from "../../src/std/json.ts";
import { type Random, seeded } from "../../src/std/random.ts";
import type { StoreReader } from "../../src/store/reader.ts";
import { openSqliteReader } from "../../src/store/sqlite/open.ts";
import { type Ack, type Expected, Oracle, type Snapshot, type Stored, type Witness } from "./oracle.ts";
import { processesOf } from "./orphans.ts";
import { randomRuns, type RunPlan } from "./plan.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What happened, so that nobody takes silence for success. */
export interface Tally {
  kills: number;
  /** Kills that found at least one attempt under way. */
  hits: number;
  /** Kills at a point of the engine's own, by point. */
  points: Record<string, number>;
  runs: number;
  steps: number;
  executions: number;
  /** Executions of steps that were executed before. */
  again: number;
  programs: number;
  acknowledged: number;
  longestRecoveryMs: number;
}

export interface Round {
  readonly tally: Tally;
  readonly violations: readonly string[];
}

export interface RoundOptions {
  readonly seed: number;
  /** After so many kills the engine is left alone. */
  readonly kills: number;
  readonly runs?: number;
  /** A lie for the child to tell. */
  readonly broken?: "ack" | "commit";
  /** Where each life dies, instead of at random. */
  readonly crash?: string;
  /** Is shown what the oracle is shown. */
  readonly watch?: (snapshot: Snapshot, plans: readonly RunPlan[]) => void;
}

const POINTS = ["commit.before", "commit.after", "start", "end", "ack"];
/** A life that has not ended all runs in this time hangs. */
const LIFE_MS = 60_000;

export function emptyTally(): Tally {
  return {
    kills: 0,
    hits: 0,
    points: {},
    runs: 0,
    steps: 0,
    executions: 0,
    again: 0,
    programs: 0,
    acknowledged: 0,
    longestRecoveryMs: 0,
  };
}

/** Fresh runs on a fresh store, killed up to `kills` times, then left to end. Stops at the first violation. */
export async function playRound(options: RoundOptions): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), "tutti-kill-"));
  try {
    return await new Lane(folder, options).play();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Lane {
  private readonly folder: string;
  private readonly options: RoundOptions;
  private readonly plans: readonly RunPlan[];
  private readonly random: Random;
  private readonly oracle: Oracle;
  private readonly tally = emptyTally();
  private opened = false;

  constructor(folder: string, options: RoundOptions) {
    this.folder = folder;
    this.options = options;
    this.plans = randomRuns(options.seed, options.runs ?? 12);
    this.random = seeded(options.seed + 1);
    this.oracle = new Oracle(this.plans);
    const config = {
      seed: options.seed,
      runs: this.plans,
      db: join(folder, "tutti.db"),
      witness: join(folder, "witness"),
      acks: join(folder, "acks"),
      expected: join(folder, "expected.json"),
      program: here("program.sh"),
    };
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    for (const name of ["witness", "acks"]) writeFileSync(join(folder, name), "");
  }

  async play(): Promise<Round> {
    let violations: readonly string[] = [];
    for (let life = 1; violations.length === 0; life++) {
      const ended = await this.live(life);
      const snapshot = await this.snapshot();
      if (!ended) this.count(snapshot);
      this.options.watch?.(snapshot, this.plans);
      violations = this.oracle.check(snapshot);
      if (!ended) continue;
      violations = [...violations, ...(await this.atTheEnd(snapshot))];
      break;
    }
    return { tally: this.tally, violations: violations.map((line) => `seed ${this.options.seed}: ${line}`) };
  }

  /** One life of the engine. Resolves true when it ended by itself, all its runs with it. */
  private async live(life: number): Promise<boolean> {
    const { options, random } = this;
    const killable = this.tally.kills < options.kills;
    const point =
      options.crash ?? (random() < 0.3 ? `${this.pick(POINTS)}:${1 + Math.floor(random() * 60)}` : undefined);
    const child = spawn(process.execPath, [here("child.mjs"), join(this.folder, "config.json"), String(life)], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...(killable && point !== undefined && { CRASH: point }),
        ...(options.broken && { BROKEN: options.broken }),
      },
    });
    const { opened, over, errors } = watched(child);
    const kill = (): void => void child.kill("SIGKILL");
    const hangs = setTimeout(kill, LIFE_MS);
    let timer: NodeJS.Timeout | undefined;
    if (killable && point === undefined) {
      // Mostly at work, now and then while it starts and takes up its runs.
      if (random() < 0.15) timer = setTimeout(kill, 60 + random() * 150);
      else void opened.then(() => (timer = setTimeout(kill, random() * 250)));
    }
    const started = performance.now();
    void opened.then(() => {
      this.opened = true;
      this.tally.longestRecoveryMs = Math.max(this.tally.longestRecoveryMs, performance.now() - started);
    });
    const { code, signal } = await over;
    clearTimeout(timer);
    clearTimeout(hangs);
    if (code === 0) return true;
    if (signal !== "SIGKILL" || !killable) throw new Error(`life ${life} ended with ${signal ?? code}:\n${errors()}`);
    this.tally.kills++;
    if (point !== undefined)
      this.tally.points[point.replace(/:.*/, "")] = (this.tally.points[point.replace(/:.*/, "")] ?? 0) + 1;
    return false;
  }

  private async snapshot(): Promise<Snapshot> {
    const witness = this.lines<Witness>("witness");
    const acks = this.lines<Ack>("acks");
    return { stored: await this.stored(), witness, acks };
  }

  private async stored(): Promise<readonly Stored[]> {
    const path = join(this.folder, "tutti.db");
    if (!this.opened && !existsSync(path)) return [];
    try {
      await using reader = await openSqliteReader(path);
      const { items } = await reader.runs({ limit: 1_000 });
      const stored: Stored[] = [];
      for (const { id } of items) {
        const run = await reader.run(id);
        if (!run) continue;
        const { events, outputs } = this.oracle.ended(id) ?? { events: [], outputs: await outputsOf(reader, run) };
        const more = await reader.events(id, events.length, 1_000_000);
        stored.push({ run, events: more.length === 0 ? events : [...events, ...more], outputs });
      }
      return stored;
    } catch (error) {
      // Killed while the store was being made: nothing was ever acknowledged on it.
      if (!this.opened && error instanceof TuttiError && error.code === "STORE_UNUSABLE") return [];
      throw error;
    }
  }

  private count({ stored }: Snapshot): void {
    if (stored.some(({ run }) => run.tally.running > 0)) this.tally.hits++;
  }

  private async atTheEnd({ stored, witness, acks }: Snapshot): Promise<readonly string[]> {
    const expected = JSON.parse(readFileSync(join(this.folder, "expected.json"), "utf8")) as Expected;
    const starts = witness.filter(({ what }) => what === "start");
    Object.assign(this.tally, {
      runs: stored.length,
      steps: stored.reduce((sum, { run }) => sum + run.instances.length, 0),
      executions: starts.length,
      again: starts.length - new Set(starts.map(({ key, attempt }) => `${key}#${attempt}`)).size,
      programs: starts.filter(({ by }) => by === "program").length,
      acknowledged: acks.filter(({ what }) => what === "done").length,
    });
    await using reader = await openSqliteReader(join(this.folder, "tutti.db"));
    const left = processesOf(reader.id);
    return [...this.oracle.checkEnds(stored, expected), ...left.map((pid) => `I12 process ${pid} is still running`)];
  }

  private lines<T>(name: string): readonly T[] {
    const text = readFileSync(join(this.folder, name), "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as T);
  }

  private pick(list: readonly string[]): string {
    return list[Math.floor(this.random() * list.length)] as string;
  }
}

async function outputsOf(reader: StoreReader, run: Run): Promise<ReadonlyMap<string, Json>> {
  const outputs = new Map<string, Json>();
  for (const { path, output } of run.instances)
    if (output) outputs.set(path, JSON.parse(await reader.text(output), padSize) as Json);
  return outputs;
}

const padSize = (key: string, value: unknown): unknown => (key === "pad" ? String(value).length : value);

function watched(child: ChildProcessByStdio<null, Readable, Readable>) {
  let text = "";
  child.stderr.on("data", (chunk) => (text += chunk));
  return {
    opened: new Promise<void>((resolve) => child.stdout.once("data", () => resolve())),
    over: new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal }));
    }),
    errors: () => text,
  };
}
