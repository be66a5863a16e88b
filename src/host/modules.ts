/** Loads the modules that `uses` names. A file is loaded once per content: changed and named again, it is loaded anew. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export interface LoadedModule {
  /** Absolute. */
  readonly file: string;
  /** SHA-256 of the file, in hex. */
  readonly hash: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** `path` as `uses` has it, relative to `folder`. Never throws: what the module does wrong is the problem. */
export type LoadModule = (
  folder: string | undefined,
  path: string,
) => Promise<LoadedModule | { readonly problem: string }>;

/** A module that awaits for ever at its top level must not hold up a start for ever. */
const LOAD_MS = 30_000;
const CHECK = { encoding: "utf8", timeout: 5_000 } as const;
const TYPESCRIPT = new Set([".ts", ".mts"]);

export function moduleLoader(): LoadModule {
  const loaded = new Map<string, Promise<LoadedModule | { readonly problem: string }>>();
  return async (folder, path) => {
    if (folder === undefined && !isAbsolute(path))
      return { problem: "its path is relative, and there is no document whose folder it could be relative to" };
    const file = resolve(folder ?? "/", path);
    const hash = await hashOf(file);
    if (hash === undefined) return { problem: `there is no file ${file} that can be read` };
    const before = loaded.get(file);
    const known = before && (await before);
    if (known && "hash" in known && known.hash === hash) return known;
    // Node keeps a module by its URL: the content's name makes a changed one a new one.
    const loading = load(file, hash, before !== undefined);
    loaded.set(file, loading);
    return loading;
  };
}

async function load(file: string, hash: string, again: boolean): Promise<LoadedModule | { readonly problem: string }> {
  const url = `${pathToFileURL(file).href}${again ? `?${hash.slice(0, 16)}` : ""}`;
  try {
    return { file, hash, exports: await inTime(importing(url, file)) };
  } catch (thrown) {
    return { problem: `loading ${file} failed: ${reasonOf(thrown, file)}` };
  }
}

async function importing(url: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!TYPESCRIPT.has(extname(file))) return (await import(url)) as Readonly<Record<string, unknown>>;
  const { tsImport } = await import("tsx/esm/api");
  return (await tsImport(url, import.meta.url)) as Readonly<Record<string, unknown>>;
}

async function hashOf(file: string): Promise<string | undefined> {
  try {
    return createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
  } catch {
    return undefined;
  }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`it did not end within ${LOAD_MS / 1000} s`)), LOAD_MS);
    work.then(done, fail).finally(() => clearTimeout(timer));
  });
}

/** In one line, with the line of the file where it is known. */
function reasonOf(thrown: unknown, file: string): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { name, message, stack = "" } = thrown;
  // The stack of a SyntaxError does not say where; Node does when it is asked to check the file.
  const where = name === "SyntaxError" ? spawnSync(process.execPath, ["--check", file], CHECK).stderr : stack;
  const at = where.indexOf(`${file}:`);
  const line = at === -1 ? "" : /^\d+/.exec(where.slice(at + file.length + 1))?.[0];
  return `${name}: ${message}${line ? ` (line ${line})` : ""}`;
}
