/** What the dependencies agent finds fault with, rule by rule. */
import { finding, type Finding } from "../findings.ts";
import { many } from "../wording.ts";
import type { Declared, Ecosystem, Locked } from "./ecosystem.ts";

/** A manifest as read, with the lock that covers it. */
export interface Project {
  readonly ecosystem: Ecosystem;
  readonly path: string;
  readonly declared: readonly Declared[];
  readonly lock: OpenLock | undefined;
}

export interface OpenLock {
  readonly path: string;
  /** `undefined`: a format that is not read here, or a file too large. */
  readonly locked: Locked | undefined;
  readonly scriptsOff: (name: string) => boolean;
}

export function judgeProject(project: Project): Finding[] {
  const { ecosystem, path, declared, lock } = project;
  const findings: Finding[] = [];
  const loose = declared.filter(({ pin }) => pin === "ranged" || pin === "open");
  if (lock === undefined && loose.length > 0) {
    const title = `${path} asks for ${many(loose.length, "version range")} that no lock file fixes`;
    const production = loose.some(({ development }) => !development);
    const action = `Commit a lock file (${ecosystem.lockNames[0]}) and install from it`;
    findings.push(finding("no-lock", production ? "high" : "medium", { title, action, where: written(loose) }));
  }
  const open = declared.filter(({ pin }) => pin === "open");
  if (open.length > 0) {
    const title = `${path} accepts any later version of ${many(open.length, "package")}`;
    findings.push(
      finding("open-range", lock ? "low" : "medium", {
        title,
        action: "Give each range an upper end",
        where: written(open),
      }),
    );
  }
  const foreign = declared.filter(({ pin }) => pin === "foreign");
  if (foreign.length > 0) {
    const title = `${path} takes ${many(foreign.length, "package")} from outside ${ecosystem.registry}`;
    const unfixed = foreign.some(({ range }) => /^(git\+)?http:/.test(range));
    const action = "Take them from the registry, or name an exact commit over https";
    findings.push(finding("foreign-source", unfixed ? "high" : "medium", { title, action, where: written(foreign) }));
  }
  const stale = staleEntries(project);
  if (stale.length > 0) {
    const title = `${lock?.path} does not fit ${path} in ${many(stale.length, "entry", "entries")}`;
    findings.push(
      finding("stale-lock", "high", { title, action: "Install again and commit the lock file", where: stale }),
    );
  }
  return findings;
}

/** Asked for and not in the lock, or in it for another range than the manifest's. */
function staleEntries({ ecosystem, path, declared, lock }: Project): string[] {
  const locked = lock?.locked;
  if (lock === undefined || locked === undefined) return [];
  const names = new Set(locked.packages.map(({ name }) => ecosystem.canonical(name)));
  const madeFrom = locked.madeFrom.get(folderWithin(path, lock.path));
  return declared
    .filter(({ pin }) => pin !== "local" && pin !== "foreign")
    .filter(({ name, range }) => {
      const then = madeFrom?.get(name);
      if (then !== undefined) return then !== range;
      return madeFrom !== undefined || !(names.has(ecosystem.canonical(name)) || range.startsWith("npm:"));
    })
    .map(({ name }) => name);
}

export function judgeLock({ path, locked, scriptsOff }: OpenLock): Finding[] {
  if (locked === undefined) return [];
  const findings: Finding[] = [];
  const { installScripts, withoutIntegrity, foreign } = locked;
  const scripts = (installScripts ?? []).filter((name) => !scriptsOff(name));
  if (scripts.length > 0) {
    const title = `${path}: ${many(scripts.length, "package")} may run a script when installed`;
    const action = "Install with ignore-scripts=true and allow only those that need it";
    findings.push(finding("install-script", "medium", { title, action, where: [...new Set(scripts)] }));
  }
  if (withoutIntegrity.length > 0) {
    const title = `${path}: ${many(withoutIntegrity.length, "package")} without a checksum`;
    findings.push(
      finding("no-integrity", "medium", { title, action: "Make the lock file anew", where: withoutIntegrity }),
    );
  }
  if (foreign.length > 0) {
    const title = `${path}: ${many(foreign.length, "package")} from git or over plain http`;
    findings.push(
      finding("foreign-source", "medium", { title, action: "Take them from the registry", where: foreign }),
    );
  }
  const twice = locked.exact ? duplicatesOf(locked) : [];
  if (twice.length > 0) {
    const title = `${path}: ${many(twice.length, "package")} in more than one version`;
    findings.push(
      finding("duplicate-versions", "low", {
        title,
        action: "Bring the ranges together where it is easy",
        where: twice,
      }),
    );
  }
  return findings;
}

export function duplicatesOf(locked: Locked): string[] {
  const versions = new Map<string, Set<string>>();
  for (const { name, version } of locked.packages) {
    const known = versions.get(name) ?? new Set();
    versions.set(name, known.add(version));
  }
  return [...versions]
    .filter(([, set]) => set.size > 1)
    .sort((a, b) => b[1].size - a[1].size)
    .map(([name, set]) => `${name} (${[...set].join(", ")})`);
}

function written(entries: readonly Declared[]): string[] {
  return entries.map(({ name, range }) => (range === name ? name : `${name} ${range || "(any)"}`));
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** With the slash at its end; `""` at the top. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** The manifest's folder as seen from the lock file's, as npm writes it: `""`, `packages/a`. */
export function folderWithin(manifestPath: string, lockPath: string): string {
  return folderOf(manifestPath).slice(folderOf(lockPath).length).replace(/\/$/, "");
}
