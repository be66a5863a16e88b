/** What can be said of a file and the disk it lies on, without changing either. */
import { accessSync, constants, statfsSync, statSync, type Stats } from "node:fs";
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
  const found = statsOf(path);
  return found?.isFile() ? { bytes: found.size, mode: found.mode & 0o777, changedAt: found.mtimeMs } : undefined;
}

/** Why there can be no file of this name; `undefined` where there is one, or may be. */
export function obstacle(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found || found.isFile()) return undefined;
    return found.isDirectory() ? `${path} is a folder, not a file` : `${path} is not a file`;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/** The nearest folder above a path that is there: where it would be made. */
export function standingFolder(path: string): string {
  for (let at = dirname(path); ; at = dirname(at)) if (statsOf(at)?.isDirectory() || at === dirname(at)) return at;
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

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
