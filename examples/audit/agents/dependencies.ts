/** The dependencies agent: what every manifest asks for, what every lock file fixes, and where the two part. */
import type { Dependencies, Lock, Manifest, Repository } from "../findings.ts";
import { listTree, readText, type TreeFile } from "../git.ts";
import { cargo } from "../manifests/cargo.ts";
import type { Declared, Ecosystem } from "../manifests/ecosystem.ts";
import { go } from "../manifests/go.ts";
import {
  baseOf,
  duplicatesOf,
  folderOf,
  folderWithin,
  judgeLock,
  judgeProject,
  type OpenLock,
  type Project,
} from "../manifests/judge.ts";
import { npm, scriptsSwitchedOff } from "../manifests/npm.ts";
import { python } from "../manifests/python.ts";
import type { Context } from "./context.ts";

const ECOSYSTEMS = [npm, python, cargo, go];
const NOT_OURS = /(^|\/)(node_modules|vendor|third_party|fixtures|testdata)\//;
const READ_MANIFESTS = 300;

export async function readDependencies(
  { repository }: { repository: Repository },
  ctx: Context,
): Promise<Dependencies> {
  const files = new Map((await listTree(repository, { signal: ctx.signal })).map((file) => [file.path, file]));
  const found = [...files.values()].flatMap((file) => {
    const ecosystem = ECOSYSTEMS.find(({ isManifest }) => isManifest(baseOf(file.path)));
    return ecosystem === undefined || NOT_OURS.test(file.path) ? [] : [{ ecosystem, file }];
  });
  const locks = new Map<string, OpenLock>();
  const projects: Project[] = [];
  for (const { ecosystem, file } of found.slice(0, READ_MANIFESTS)) {
    const text = (await readText(repository, file, { signal: ctx.signal })) ?? "";
    const lock = await lockOf(ecosystem, file, { repository, files, locks, signal: ctx.signal });
    projects.push({ ecosystem, path: file.path, declared: ecosystem.declared(text, baseOf(file.path)), lock });
    ctx.progress(projects.length / found.length, file.path);
  }
  const used = projects.filter(({ declared }) => declared.length > 0);
  return {
    manifests: used.map(summary),
    locks: [...locks.values()].map(lockSummary),
    findings: [...used.flatMap(judgeProject), ...[...locks.values()].flatMap(judgeLock)],
    limits: limitsOf(found.length, projects, [...locks.values()]),
  };
}

interface Shelf {
  readonly repository: Repository;
  readonly files: ReadonlyMap<string, TreeFile>;
  readonly locks: Map<string, OpenLock>;
  readonly signal: AbortSignal;
}

/** The nearest lock file: beside the manifest or in a folder above (a workspace). Each is read once. */
async function lockOf(ecosystem: Ecosystem, manifest: TreeFile, shelf: Shelf): Promise<OpenLock | undefined> {
  for (let folder = folderOf(manifest.path); ; folder = folderOf(folder.slice(0, -1))) {
    for (const name of ecosystem.lockNames) {
      const path = folder + name;
      const file = shelf.files.get(path);
      if (file === undefined) continue;
      const lock = shelf.locks.get(path) ?? (await openLock(ecosystem, file, shelf));
      if (!covers(lock, manifest.path)) continue;
      shelf.locks.set(path, lock);
      return lock;
    }
    if (folder === "") return undefined;
  }
}

/** An npm lock notes which manifests it was made from; a package.json that it does not name has no lock. */
function covers({ path, locked }: OpenLock, manifestPath: string): boolean {
  if (locked === undefined || locked.madeFrom.size === 0) return true;
  return locked.madeFrom.has(folderWithin(manifestPath, path));
}

async function openLock(ecosystem: Ecosystem, file: TreeFile, shelf: Shelf): Promise<OpenLock> {
  const folder = folderOf(file.path);
  const read = async (sought: TreeFile | undefined): Promise<string | undefined> =>
    sought && readText(shelf.repository, sought, { signal: shelf.signal });
  const text = await read(file);
  const npmrc = (await read(shelf.files.get(`${folder}.npmrc`))) ?? "";
  const beside = (await read(shelf.files.get(`${folder}package.json`))) ?? "";
  return {
    path: file.path,
    locked: text === undefined ? undefined : ecosystem.locked(text, baseOf(file.path)),
    scriptsOff: scriptsSwitchedOff(npmrc, beside),
  };
}

function summary({ ecosystem, path, declared, lock }: Project): Manifest {
  const count = (pin: Declared["pin"]): number => declared.filter((entry) => entry.pin === pin).length;
  return {
    path,
    ecosystem: ecosystem.name,
    direct: declared.filter(({ development }) => !development).length,
    development: declared.filter(({ development }) => development).length,
    pinned: count("pinned"),
    ranged: count("ranged"),
    open: count("open"),
    elsewhere: count("foreign") + count("local"),
    lock: lock?.path ?? null,
  };
}

function lockSummary({ path, locked }: OpenLock): Lock {
  return {
    path,
    packages: locked?.packages.length ?? null,
    installScripts: locked?.installScripts?.length ?? null,
    duplicates: locked?.exact === true ? duplicatesOf(locked).length : null,
  };
}

function limitsOf(found: number, projects: readonly Project[], locks: readonly OpenLock[]): string[] {
  const limits = ["No vulnerability database was asked: that needs the network (`npm audit`, `osv-scanner`)."];
  if (found > projects.length) limits.push(`Only ${projects.length} of ${found} manifests were read.`);
  const unread = locks.filter(({ locked }) => locked === undefined).map(({ path }) => path);
  if (unread.length > 0) limits.push(`Seen but not read: ${unread.slice(0, 5).join(", ")}.`);
  const names = new Set(projects.filter(({ lock }) => lock?.locked?.installScripts === null).map((p) => p.lock?.path));
  if (names.size > 0) limits.push(`Whether packages run code when installed is not noted in ${[...names].join(", ")}.`);
  return limits;
}
