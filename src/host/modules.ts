/** Loads the modules that `uses` names. A file is loaded once per content: changed and named again, it is loaded anew. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { register } from "node:module";
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
  const wantsUs = (thrown: unknown): Promise<Readonly<Record<string, unknown>>> => {
    if (!isWithoutUs(thrown)) throw thrown;
    offerUs();
    return importing(`${url}${again ? "&" : "?"}tutti`, file);
  };
  try {
    return { file, hash, exports: await inTime(importing(url, file).catch(wantsUs)) };
  } catch (thrown) {
    return { problem: `loading ${file} failed: ${reasonOf(thrown, file)}` };
  }
}

async function importing(url: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!TYPESCRIPT.has(extname(file))) return (await import(url)) as Readonly<Record<string, unknown>>;
  const { tsImport } = await import("tsx/esm/api");
  return (await tsImport(url, import.meta.url)) as Readonly<Record<string, unknown>>;
}

/** It imports `tutti`, and the package is not installed where it lies: a command that was installed globally, say. */
function isWithoutUs(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !("code" in thrown)) return false;
  return thrown.code === "ERR_MODULE_NOT_FOUND" && /'tutti(\/testing)?'/.test(thrown.message);
}

let offered = false;

/** From here on `tutti` means this package wherever no other is found. Costs a thread, so only for who needs it. */
function offerUs(): void {
  if (offered) return;
  offered = true;
  const ours = Object.fromEntries(["tutti", "tutti/testing"].map((name) => [name, import.meta.resolve(name)]));
  const hook = `const ours = ${JSON.stringify(ours)};
    export const resolve = async (name, context, next) => {
      if (!Object.hasOwn(ours, name)) return next(name, context);
      return next(name, context).catch(() => ({ url: ours[name], shortCircuit: true }));
    };`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
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
