/**
 * The process table as Linux shows it in /proc: who carries which mark in its environment, and who has really gone.
 * Where there is no /proc nothing is found, and only process groups can be cleaned up.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync, readlinkSync } from "node:fs";

/** `NAME=value`, as it stands in a process's environment from its start. */
export type Mark = string;

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks since boot: with the pid, a process's identity. */
  readonly started: string;
}

const READ_BYTES = 128 * 1024;
const chunk = Buffer.allocUnsafe(READ_BYTES);
/** A process that is just executing a program shows no environment for some microseconds: looked at again. */
const UNSURE_ROUNDS = 5;

function pids(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function statOf(pid: number | "self"): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name, in parentheses, may hold anything; the fields begin behind it.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      state: fields[0] ?? "X",
      parent: Number(fields[1]),
      group: Number(fields[2]),
      started: fields[19] ?? "",
    };
  } catch {
    return undefined;
  }
}

/** The environment a process was started with, between NUL bytes; undefined when it is gone or not ours to read. */
function environmentOf(pid: number): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(`/proc/${pid}/environ`, "r");
    const first = readSync(file, chunk, 1, READ_BYTES - 1, null);
    chunk[0] = 0;
    if (first < READ_BYTES - 1) return chunk.subarray(0, first + 1);
    const parts = [Buffer.from(chunk)];
    for (let more = first; more > 0;) {
      more = readSync(file, chunk, 0, READ_BYTES, null);
      parts.push(Buffer.from(chunk.subarray(0, more)));
    }
    return Buffer.concat(parts);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The value of one variable in another process's environment. */
export function variableOf(pid: number, name: string): string | undefined {
  const environment = environmentOf(pid);
  const start = environment?.indexOf(`\0${name}=`) ?? -1;
  if (environment === undefined || start < 0) return undefined;
  const end = environment.indexOf(0, start + 1);
  return environment.toString("utf8", start + name.length + 2, end < 0 ? environment.length : end);
}

/** A kernel thread and a zombie have no program. */
function hasProgram(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) !== "";
  } catch {
    return false;
  }
}

/** Every other process whose environment holds exactly this entry. */
export async function carriersOf(mark: Mark): Promise<number[]> {
  const entry = Buffer.from(`\0${mark}\0`);
  const found: number[] = [];
  let open = pids().filter((pid) => pid !== process.pid);
  for (let round = 0; open.length > 0 && round < UNSURE_ROUNDS; round++) {
    if (round > 0) await pause(1);
    open = open.filter((pid) => {
      const environment = environmentOf(pid);
      if (environment === undefined) return false;
      if (environment.length === 1) return hasProgram(pid);
      if (environment.includes(entry)) found.push(pid);
      return false;
    });
  }
  return found;
}

/** Living members of a process group. */
export function membersOf(group: number): number[] {
  return pids().filter((pid) => {
    const stat = statOf(pid);
    return stat?.group === group && isAlive(stat);
  });
}

/** This process and every one above it. */
export function ownLine(): ReadonlySet<number> {
  const line = new Set<number>();
  for (let pid = process.pid; pid > 0 && !line.has(pid); pid = statOf(pid)?.parent ?? 0) line.add(pid);
  return line;
}

/** `pid.start`: names one process of this boot for good, because a pid alone is used again. */
export function identityOf(pid: number): string | undefined {
  const stat = statOf(pid);
  return stat && isAlive(stat) ? `${pid}.${stat.started}` : undefined;
}

function isAlive(stat: Stat): boolean {
  return stat.state !== "Z" && stat.state !== "X";
}

/**
 * SIGKILLs whatever `find` names, until it names nothing more and all of it is dead (a zombie is dead), for at most
 * `limitMs`. Returns how many were killed, and the pids that would not die.
 */
export async function killAll(
  find: () => number[] | Promise<number[]>,
  limitMs: number,
): Promise<{ readonly killed: number; readonly left: readonly number[] }> {
  const killed = new Set<number>();
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await find();
    if (found.length === 0) return { killed: killed.size, left: [] };
    for (const pid of found) {
      killed.add(pid);
      sendSignal(pid, "SIGKILL");
    }
    let alive = found;
    for (let ms = 1; alive.length > 0; ms = Math.min(ms * 2, 20)) {
      if (performance.now() > deadline) return { killed: killed.size, left: alive };
      await pause(ms);
      alive = alive.filter((pid) => identityOf(pid) !== undefined);
    }
  }
}

/** False when there is no such process (a negative pid: group), or it is not ours to signal. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Real time whatever clock the engine runs on: these are waits for the operating system. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
