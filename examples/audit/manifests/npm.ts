/** npm: package.json, and package-lock.json of every version. Yarn, pnpm and Bun locks are seen, not read. */
import type { Declared, Ecosystem, Locked, Pin } from "./ecosystem.ts";

type Fields = Readonly<Record<string, unknown>>;

export const npm: Ecosystem = {
  name: "npm",
  isManifest: (fileName) => fileName === "package.json",
  lockNames: ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"],
  registry: "npm",
  canonical: (name) => name,
  declared(text) {
    const manifest = parseObject(text);
    const group = (key: string, development: boolean): Declared[] =>
      Object.entries(objectAt(manifest, key)).map(([name, range]) => ({
        name,
        range: String(range),
        pin: pinOf(String(range)),
        development,
      }));
    return [
      ...group("dependencies", false),
      ...group("optionalDependencies", false),
      ...group("devDependencies", true),
    ];
  },
  locked(text, fileName) {
    if (!fileName.endsWith(".json")) return undefined;
    const lock = parseObject(text);
    return "packages" in lock ? readPackages(objectAt(lock, "packages")) : readNested(objectAt(lock, "dependencies"));
  },
};

export function pinOf(written: string): Pin {
  const range = written.replace(/^npm:(@?[^@]+)@?/, "").trim();
  if (/^(workspace|file|link|portal|catalog):/.test(range)) return "local";
  if (/^(git|github:|gitlab:|bitbucket:|https?:)|^[\w.-]+\/[\w.-]+(#|$)/.test(range)) return "foreign";
  if (/^[=v]*\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(range)) return "pinned";
  const bounded = range.split("||").every((part) => /^\s*[\^~]?v?\d|<|\d\s+-\s+\d/.test(part));
  return bounded ? "ranged" : "open";
}

/** Lock versions 2 and 3: a flat list by place; an entry outside node_modules is a project of the repository. */
function readPackages(entries: Fields): Locked {
  const packages: { name: string; version: string }[] = [];
  const installScripts: string[] = [];
  const withoutIntegrity: string[] = [];
  const foreign: string[] = [];
  const madeFrom = new Map<string, ReadonlyMap<string, string>>();
  for (const place of Object.keys(entries)) {
    const entry = objectAt(entries, place);
    const at = place.lastIndexOf("node_modules/");
    if (at < 0) madeFrom.set(place, rangesOf(entry));
    if (at < 0 || entry["link"] === true) continue;
    const name = typeof entry["name"] === "string" ? entry["name"] : place.slice(at + "node_modules/".length);
    const resolved = typeof entry["resolved"] === "string" ? entry["resolved"] : "";
    packages.push({ name, version: String(entry["version"] ?? "") });
    if (entry["hasInstallScript"] === true) installScripts.push(name);
    if (/^(git|http:)/.test(resolved)) foreign.push(name);
    else if (entry["integrity"] === undefined && entry["inBundle"] !== true) withoutIntegrity.push(name);
  }
  return { packages, installScripts, withoutIntegrity, foreign, madeFrom, exact: true };
}

function rangesOf(entry: Fields): ReadonlyMap<string, string> {
  const groups = ["dependencies", "devDependencies", "optionalDependencies"];
  return new Map(groups.flatMap((key) => Object.entries(objectAt(entry, key)).map(([n, range]) => [n, String(range)])));
}

/** Lock version 1: each package holds its own. Walked with a list, since a file may nest as deep as it likes. */
function readNested(roots: Fields): Locked {
  const packages: { name: string; version: string }[] = [];
  const withoutIntegrity: string[] = [];
  const foreign: string[] = [];
  const open = [roots];
  for (let level = open.pop(); level !== undefined; level = open.pop()) {
    for (const name of Object.keys(level)) {
      const entry = objectAt(level, name);
      packages.push({ name, version: String(entry["version"] ?? "") });
      if (/^(git|http:)/.test(String(entry["version"]))) foreign.push(name);
      else if (entry["integrity"] === undefined && entry["bundled"] !== true) withoutIntegrity.push(name);
      open.push(objectAt(entry, "dependencies"));
    }
  }
  return { packages, installScripts: null, withoutIntegrity, foreign, madeFrom: new Map(), exact: true };
}

/** Whether installing runs no script of this package: `.npmrc` says never, or package.json names it as not allowed. */
export function scriptsSwitchedOff(npmrc: string, manifest: string): (name: string) => boolean {
  if (/^\s*ignore-scripts\s*=\s*true\b/m.test(npmrc)) return () => true;
  const allowed = objectAt(parseObject(manifest), "allowScripts");
  return (name) => allowed[name] === false;
}

export function parseObject(text: string): Fields {
  try {
    return toObject(JSON.parse(text));
  } catch {
    return {}; // Test fixtures hold broken manifests on purpose.
  }
}

export function objectAt(value: Fields, key: string): Fields {
  return toObject(value[key]);
}

function toObject(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
