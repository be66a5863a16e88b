/** Files and folders for their owner alone, by path; never more than one of ours is open at a time. */
import {
  closeSync,
  existsSync,
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

/**
 * The folder and those above it, 0700 where they are new. Each name is durable before a folder is made in it, and so
 * is that of the last one that was there: a process may have been killed when it had just made it.
 */
export function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (!existsSync(folder)) {
    makeFolder(parent);
    makeOne(folder);
  }
  try {
    syncFolder(parent);
  } catch (thrown) {
    // One that we may not read is not one that we made.
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EACCES")) throw thrown;
  }
}

/** Not `recursive`: below `/proc`, where nothing can be made, Node 20 then tries for ever. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (thrown) {
    // Somebody else has made it meanwhile.
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
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

/** 0 when there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Two names with the same one lead to the same file; `undefined` when there is none. */
export function inodeOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
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

/** `undefined` when there is none. */
export function readBytes(path: string): Uint8Array | undefined {
  return isFile(path) ? readFileSync(path) : undefined;
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** `from` takes the place of `to`, durably. */
export function replaceFile(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Makes durable what is in the file, whoever wrote it; nothing if there is none. */
export function syncFile(path: string): void {
  if (isFile(path)) sync(path);
}

/** Makes durable what names the folder holds. */
export function syncFolder(path: string): void {
  sync(path);
}

function sync(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
