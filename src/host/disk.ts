/** What can be said of a file and the disk it lies on, without changing either. */
import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";

export interface FileFacts {
  readonly bytes: number;
  /** Permissions, as in `0o600`. */
  readonly mode: number;
  /** ms since 1970. */
  readonly changedAt: number;
}

/** `undefined`: there is no such file. */
export function fileFacts(path: string): FileFacts | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? { bytes: found.size, mode: found.mode & 0o777, changedAt: found.mtimeMs } : undefined;
}

/** The nearest folder above a path that is there: where it would be made. */
export function standingFolder(path: string): string {
  for (let at = dirname(path); ; at = dirname(at))
    if (statSync(at, { throwIfNoEntry: false })?.isDirectory() || at === dirname(at)) return at;
}

/** What this user may still put there; `undefined` where the system does not say. */
export function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
