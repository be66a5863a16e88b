/** Files and folders for their owner alone, by path; never more than one of ours is open at a time. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** The folder and those above it, 0700 where they are new, their names durable. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(first);
  for (let at = dirname(folder); at.length >= top.length; at = dirname(at)) {
    syncFolder(at);
    if (at === top) break;
  }
}

/** An empty file, 0600, unless there is one. One that is there is never opened: closing it would drop its locks. */
export function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Who reads it sees it whole or as it was before. Not for what must outlive a loss of power. */
export function writeSmallFile(path: string, text: string): void {
  writeFileSync(`${path}.part`, text, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

/** `undefined` when it cannot be read. */
export function readSmallFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** `from` takes the place of `to`, durably. */
export function replaceFile(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
