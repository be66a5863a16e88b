/** The built package, for child processes: Node runs no TypeScript. Built once, by one test process at a time. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const lock = `${root}node_modules/.cache/tutti-building`;
/** A lock as old as this was left by a process that was killed. */
const FORGOTTEN_MS = 120_000;

let built: Promise<void> | undefined;

export function builtPackage(): Promise<void> {
  return (built ??= build());
}

async function build(): Promise<void> {
  await locked();
  try {
    const done = spawnSync(process.execPath, ["scripts/setup.mjs", "build"], { cwd: root, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`the package could not be built:\n${done.stdout}${done.stderr}`);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

async function locked(): Promise<void> {
  mkdirSync(`${root}node_modules/.cache`, { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch {
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > FORGOTTEN_MS) rmSync(lock, { recursive: true, force: true });
      else await sleep(100);
    }
  }
}
