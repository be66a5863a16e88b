/**
 * Reading git, safely: an argument vector and never a shell, a time limit and a size limit on every call, and a
 * configuration under which git neither touches the network nor starts a program that the repository names.
 */
import { execFile } from "node:child_process";
import type { Repository } from "./findings.ts";

export interface GitOptions {
  readonly signal?: AbortSignal;
  /** Default 60,000. */
  readonly timeoutMs?: number;
  /** Of the answer. Default 64 MB. */
  readonly maxBytes?: number;
}

const QUIET = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false"];

/** Only what git needs: no GIT_DIR of a surrounding hook, no prompt, no protocol to fetch with. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return { ...Object.fromEntries(kept), LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_ALLOW_PROTOCOL: "none" };
}

/** What git printed. Throws with git's own words when it fails, takes too long or says too much. */
export function git(root: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const { signal, timeoutMs = 60_000, maxBytes = 64 * 1024 * 1024 } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      "git",
      ["-C", root, ...QUIET, ...args],
      {
        env: environment(),
        timeout: timeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: maxBytes,
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        if (signal?.aborted) return reject(signal.reason as Error);
        const why = error.killed ? `gave no answer within ${timeoutMs / 1000} s` : stderr.trim() || error.message;
        reject(new Error(`git ${args[0]}: ${why.slice(0, 500)}`, { cause: error }));
      },
    );
    child.stdin?.end();
  });
}

/** Whether git was stopped from outside (Ctrl-C reaches it too), so that it says nothing of the repository. */
export function wasInterrupted(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "signal" in cause && (cause.signal === "SIGINT" || cause.signal === "SIGTERM");
}

/** As `git`, but `undefined` where git says no: for questions whose answer may be "there is none". */
export async function ask(
  root: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string | undefined> {
  try {
    return (await git(root, args, options)).trim();
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof Error && error.cause instanceof Error && "code" in error.cause) {
      // A number is git's exit code; anything else means that git did not run to its end.
      if (typeof error.cause.code === "number") return undefined;
    }
    throw error;
  }
}

export interface TreeFile {
  readonly path: string;
  /** The blob's id: content is read by it, so that no odd file name can go wrong. */
  readonly id: string;
  readonly bytes: number;
}

/** The regular files of the audited commit. Links and submodules are left out; an empty repository has none. */
export async function listTree(repository: Repository, options: GitOptions = {}): Promise<readonly TreeFile[]> {
  if (repository.commit === null) return [];
  const listing = await git(repository.root, ["ls-tree", "-r", "-z", "-l", "--full-tree", repository.commit], options);
  const files: TreeFile[] = [];
  for (const entry of listing.split("\0")) {
    const match = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t([^]*)$/.exec(entry);
    if (match) files.push({ id: match[1] ?? "", bytes: Number(match[2]), path: match[3] ?? "" });
  }
  return files;
}

const TEXT_BYTES = 16 * 1024 * 1024;

/** A file's text at the audited commit; `undefined` above 16 MB. */
export async function readText(
  repository: Repository,
  file: TreeFile,
  options: GitOptions = {},
): Promise<string | undefined> {
  if (file.bytes > TEXT_BYTES) return undefined;
  return git(repository.root, ["cat-file", "blob", file.id], options);
}
