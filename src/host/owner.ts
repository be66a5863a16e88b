/**
 * Who has a store open for work, as the file beside it tells everyone. Only the holder of the store's lock writes it;
 * after a crash it stays behind, so it names a process, and who reads it asks whether that one lives.
 */
import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { readSmallFile, removeFile, writeSmallFile } from "./files.ts";
import { identityOf, sendSignal } from "./processes.ts";

export interface StoreOwner {
  readonly pid: number;
  /** ms since 1970. */
  readonly startedAt: number;
  /** Where it listens; absent: not yet, or not any more. */
  readonly socket?: string;
  /** It is handing its work back. */
  readonly leaving?: true;
}

/** A pid is used again; with the moment of its start it names one process of this boot. */
interface Recorded extends StoreOwner {
  readonly process?: string;
}

/** Followed one after the other; the kernel gives up at 40. */
const MOST_LINKS = 40;

/** The one name of a store: its locks, its log and its socket stand beside what a link leads to. */
export function storeName(path: string, links = 0): string {
  const name = resolve(path);
  try {
    return realpathSync(name);
  } catch {
    // Not there yet; a link to what is not there yet leads there all the same.
    const folder = dirname(name);
    if (folder === name) return name;
    const real = join(storeName(folder, links), basename(name));
    const leads = links < MOST_LINKS && isLink(real);
    return leads ? storeName(resolve(dirname(real), readlinkSync(real)), links + 1) : real;
  }
}

export function ownerFile(store: string): string {
  return `${store}.owner`;
}

export function writeOwner(store: string, owner: StoreOwner): void {
  const recorded: Recorded = { ...owner, ...(identity !== undefined && { process: identity }) };
  writeSmallFile(ownerFile(store), JSON.stringify(recorded));
}

export function removeOwner(store: string): void {
  removeFile(ownerFile(store));
}

/** Whoever the file names, if that process lives. `store` is a store's one name. */
export function ownerOf(store: string): StoreOwner | undefined {
  const owner = parsed(readSmallFile(ownerFile(store)));
  if (!owner) return undefined;
  const alive = owner.process === undefined ? sendSignal(owner.pid, 0) : identityOf(owner.pid) === owner.process;
  return alive ? owner : undefined;
}

const identity = identityOf(process.pid);

function parsed(text: string | undefined): Recorded | undefined {
  try {
    const owner = JSON.parse(text ?? "null") as Partial<Recorded> | null;
    return typeof owner?.pid === "number" && typeof owner.startedAt === "number" ? (owner as Recorded) : undefined;
  } catch {
    return undefined;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    // Nothing can be there: a name that is too long, a folder that is a file. Whoever opens it is told.
    return false;
  }
}
