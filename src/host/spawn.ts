/**
 * The only place that starts a process. Whatever is started leads a process group of its own, carries a mark in its
 * environment, and is over only when nothing of it is left:
 *
 * 1. No shell: a program and its arguments. No environment but the allow-list and what the caller names.
 * 2. To stop: SIGINT to the group, after `graceMs` SIGTERM, after `graceMs` SIGKILL.
 * 3. When the leader has exited, by itself or not, its group is killed, and so is whoever left the group but still
 *    carries the mark. (A process that leaves the group and also hides its environment is not found.)
 * 4. A pipe that somebody else still holds open delays the end by `DRAIN_ROUNDS`, never longer.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Clock, Disarm } from "../std/clock.ts";
import { CappedOutput, LineOutput } from "./output.ts";
import { carriersOf, killAll, membersOf, sendSignal } from "./processes.ts";
import { explain, locate } from "./program.ts";
import { ATTEMPT_VARIABLE, attemptMark, STORE_VARIABLE } from "./reap.ts";

export interface GroupOptions {
  /** The program (absolute, or a name looked up in the child's PATH) and its arguments. */
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  /** Added to the allow-list. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to stdin, then end of file. It need not be read. */
  readonly stdin: string;
  /** More than this on stdout stops the group. */
  readonly maxStdoutBytes: number;
  /** What is passed on of stderr, line by line. */
  readonly maxStderrBytes: number;
  readonly onStderr: (line: string) => void;
  /** Its abort stops the group. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly clock: Clock;
  readonly marker: {
    readonly store: string;
    /** Names this attempt among all of the store. */
    readonly attempt: string;
    readonly idempotencyKey: string;
  };
}

export type GroupEnd =
  | { readonly status: "unstartable"; readonly problem: string }
  | {
      readonly status: "exited";
      /** One of the two is null. */
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      readonly stdout: Buffer;
      /** More than `maxStdoutBytes` was printed; `stdout` is empty then. */
      readonly overflow: boolean;
      /** The last 16 K characters. */
      readonly stderr: string;
      /** Processes that could not be killed within `CLEANUP_MS`. */
      readonly left: readonly number[];
    };

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const INHERITED = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ"];
const CLEANUP_MS = 5_000;
const SLOW_MS = 2;
const DRAIN_ROUNDS = 10;
const DRAIN_ROUND_MS = 100;

/** Groups that run now: if this process exits in an orderly way, they do not outlive it. */
const running = new Set<number>();
let watchesExit = false;

/** Runs one process group to its very end. Never rejects. */
export async function spawnGroup(options: GroupOptions): Promise<GroupEnd> {
  const env = environment(options);
  const [name, ...args] = options.argv;
  const file = locate(name, env["PATH"]);
  if ("problem" in file) return { status: "unstartable", problem: file.problem };
  if (options.signal.aborted) return { status: "unstartable", problem: "stopped before it was started" };
  const unstartable = (thrown: unknown): GroupEnd => ({
    status: "unstartable",
    problem: explain(file.path, options.cwd, thrown),
  });
  try {
    const child = spawn(file.path, args, {
      shell: false,
      detached: true,
      env,
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const { pid } = child;
    if (pid === undefined) return await new Promise((resolve) => child.once("error", (e) => resolve(unstartable(e))));
    return await attend(child, pid, options);
  } catch (thrown) {
    return unstartable(thrown);
  }
}

async function attend(child: Child, pid: number, options: GroupOptions): Promise<GroupEnd> {
  keep(pid);
  const stop = stopper(pid, options);
  const stdout = new CappedOutput(options.maxStdoutBytes);
  const stderr = new LineOutput(options.maxStderrBytes, options.onStderr);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.stdout.on("data", (chunk: Buffer) => {
    if (stdout.add(chunk)) return;
    child.stdout.destroy();
    stop.begin();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (!stderr.add(chunk)) slow(child.stderr);
  });
  // Whoever does not read its input has no need of it.
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin);

  const exit = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once("exit", (code, signal) => {
      stop.end();
      // At once, while nobody else can have been given this group's number.
      sendSignal(-pid, "SIGKILL");
      running.delete(pid);
      resolve({ code, signal });
    }),
  );
  const mark = `${ATTEMPT_VARIABLE}=${attemptMark(options.marker.attempt)}`;
  const { left } = await killAll(async () => {
    const members = sendSignal(-pid, 0) ? membersOf(pid) : [];
    return [...members, ...(await carriersOf(mark))];
  }, CLEANUP_MS);
  await drained(closed);
  child.stdin.destroy();
  child.stdout.destroy();
  child.stderr.destroy();
  return { status: "exited", ...exit, stdout: stdout.bytes(), overflow: stdout.overflow, stderr: stderr.end(), left };
}

/** Who complains for ever does not get our whole attention: its pipe fills up, and it waits. */
function slow(stream: Readable): void {
  stream.pause();
  setTimeout(() => stream.resume(), SLOW_MS);
}

/** Counted in rounds, so that a busy event loop still gets to read what lies in the pipe. */
function drained(closed: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    let rounds = 0;
    const timer = setInterval(() => {
      if (++rounds === DRAIN_ROUNDS) done();
    }, DRAIN_ROUND_MS);
    const done = (): void => {
      clearInterval(timer);
      resolve();
    };
    void closed.then(done);
  });
}

/** The ladder of signals, begun once, by the abort or by too much output. */
function stopper(pid: number, options: GroupOptions): { begin: () => void; end: () => void } {
  const ladder: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGKILL"];
  let disarm: Disarm | undefined;
  const climb = (): void => {
    const signal = ladder.shift();
    if (signal === undefined) return;
    sendSignal(-pid, signal);
    disarm = options.clock.after(options.graceMs, climb);
  };
  const begin = (): void => {
    if (disarm === undefined) climb();
  };
  options.signal.addEventListener("abort", begin, { once: true });
  return {
    begin,
    end: () => {
      ladder.length = 0;
      disarm?.();
      options.signal.removeEventListener("abort", begin);
    },
  };
}

function keep(pid: number): void {
  running.add(pid);
  if (watchesExit) return;
  watchesExit = true;
  process.once("exit", () => {
    for (const group of running) sendSignal(-group, "SIGKILL");
  });
}

function environment(options: GroupOptions): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    ...options.env,
    TUTTI_IDEMPOTENCY_KEY: options.marker.idempotencyKey,
    [STORE_VARIABLE]: options.marker.store,
    [ATTEMPT_VARIABLE]: attemptMark(options.marker.attempt),
  };
}
