/**
 * The licences agent, a program of its own: what the project grants, and what its npm dependencies ask for.
 * In: { root, commit }. Out: what `licencesSchema` in ../findings.ts says.
 */
import { readFile, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { copyleft, recognise } from "./licence-texts.mjs";
import { answer, figure, finding, git, listTree, many } from "./shared.mjs";

const LICENCE_FILE = /^(.*\/)?(LICEN[CS]E|COPYING|UNLICENSE)([.-][^/]*)?$/i;
const MANIFEST = /(^|\/)(package\.json|Cargo\.toml|pyproject\.toml)$/;
const FOREIGN = /(^|\/)(node_modules|vendor|third_party|tests?|fixtures|examples)\//;
const READ_FILES = 200;
const READ_BYTES = 16 * 1024 * 1024;

async function measure({ root, commit }) {
  const { files: tree } = await listTree(root, commit);
  const own = tree.filter((file) => !FOREIGN.test(file.path) && file.bytes < READ_BYTES);
  const read = (file) => git(root, ["cat-file", "blob", file.id]);
  const files = [];
  for (const file of own.filter(({ path }) => LICENCE_FILE.test(path)).slice(0, READ_FILES))
    files.push({ path: file.path, licence: recognise(await read(file)) });
  const declared = [];
  for (const file of own.filter(({ path }) => MANIFEST.test(path)).slice(0, READ_FILES)) {
    const licence = declaredIn(file.path, await read(file));
    if (licence !== undefined) declared.push({ path: file.path, licence });
  }
  const locks = own.filter(({ path }) => /(^|\/)(package-lock|npm-shrinkwrap)\.json$/.test(path)).slice(0, READ_FILES);
  const packages = [];
  for (const lock of locks) packages.push(...lockedPackages(lock.path, await read(lock)));
  const installed = await readInstalled(root, packages);
  return {
    files,
    declared,
    dependencies: byLicence(packages),
    source: sourceOf(packages, installed),
    findings: [...judgeProject(files, declared), ...judgeDependencies(packages, files)],
    limits: limitsOf(tree, packages, installed),
  };
}

/** The licence a manifest names, if it names one. */
function declaredIn(path, text) {
  if (!path.endsWith("package.json")) {
    const quoted = /^\s*license\s*=\s*(?:\{\s*text\s*=\s*)?"([^"]+)"/m.exec(text);
    return quoted?.[1];
  }
  return nameOfPackage(parse(text));
}

function nameOfPackage(manifest) {
  return nameOf(manifest?.license ?? manifest?.licenses);
}

/** npm has had three ways to say it: "MIT", { type: "MIT" }, [{ type: "MIT" }, …]. */
function nameOf(licence) {
  if (typeof licence === "string") return licence.trim() === "" ? undefined : licence;
  if (Array.isArray(licence)) return licence.map(nameOf).filter(Boolean).join(" OR ") || undefined;
  return typeof licence?.type === "string" ? licence.type : undefined;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Every package an npm lock installs (workspaces and links left out), with the licence that the lock notes. */
function lockedPackages(lockPath, text) {
  const folder = lockPath.replace(/[^/]*$/, "");
  const entries = Object.entries(parse(text)?.packages ?? {});
  return entries
    .filter(([place, entry]) => place.includes("node_modules/") && entry.link !== true)
    .map(([place, entry]) => ({
      name: entry.name ?? place.slice(place.lastIndexOf("node_modules/") + 13),
      place: folder + place,
      licence: nameOf(entry.license),
      production: entry.dev !== true && entry.devOptional !== true,
    }));
}

/** Fills in what the lock does not note from the package as it lies in node_modules; says how many it found so. */
async function readInstalled(root, packages) {
  const base = await realpath(root);
  let found = 0;
  for (const entry of packages.filter(({ licence }) => licence === undefined)) {
    const file = await realpath(join(root, entry.place, "package.json")).catch(() => undefined);
    if (file === undefined || !file.startsWith(base + sep)) continue; // A link that leads out of the repository.
    entry.licence = nameOfPackage(parse(await readFile(file, "utf8")));
    if (entry.licence !== undefined) found++;
  }
  return found;
}

function byLicence(packages) {
  const counts = new Map();
  for (const { licence = null, production } of packages) {
    const count = counts.get(licence) ?? { licence, packages: 0, production: 0 };
    count.packages++;
    if (production) count.production++;
    counts.set(licence, count);
  }
  return [...counts.values()].sort((a, b) => b.packages - a.packages);
}

function sourceOf(packages, installed) {
  const noted = packages.filter(({ licence }) => licence !== undefined).length;
  if (noted === 0) return "none";
  if (installed === 0) return "lock";
  return installed === noted ? "node_modules" : "lock and node_modules";
}

function judgeProject(files, declared) {
  const atTop = files.find(({ path }) => !path.includes("/"));
  if (atTop === undefined && declared.length === 0) {
    const action = "Add a LICENSE file; without one nobody else may use the code";
    return [
      finding("no-licence", "medium", { title: "No licence: no LICENSE file and no manifest that names one", action }),
    ];
  }
  const unlike = declared.filter(({ licence }) => disagrees(atTop?.licence, licence));
  if (unlike.length === 0) return [];
  const title = `${atTop.path} holds ${atTop.licence}, but ${many(unlike.length, "manifest")} say ${unlike[0].licence}`;
  return [
    finding("licence-mismatch", "medium", {
      title,
      action: "Make them say the same",
      where: unlike.map(({ path }) => path),
    }),
  ];
}

/** GPL-3.0 in the file and GPL-3.0-or-later in the manifest agree; MIT and Apache-2.0 do not. */
function disagrees(text, named) {
  if (text === null || text === undefined || /^(SEE LICENSE|UNLICENSED)/i.test(named)) return false;
  return !named.toLowerCase().includes(text.toLowerCase());
}

function judgeDependencies(packages, files) {
  const findings = [];
  const shipped = packages.filter(({ production }) => production);
  const asking = (strength) => shipped.filter(({ licence }) => licence !== undefined && copyleft(licence) === strength);
  const named = (list) => [...new Set(list.map(({ name, licence }) => (licence ? `${name} (${licence})` : name)))];
  const strong = asking("strong");
  const shared = files.some(({ licence }) => licence !== null && copyleft(licence) === "strong");
  if (strong.length > 0 && !shared) {
    const title = `${many(strong.length, "production package")} under a strong copyleft licence`;
    findings.push(
      finding("copyleft-dependency", "high", {
        title,
        action: "Replace them, or check what they ask of your own licence",
        where: named(strong),
      }),
    );
  }
  const unknown = [...shipped.filter(({ licence }) => licence === undefined), ...asking("other")];
  if (unknown.length > 0) {
    const title = `${unknown.length} of ${figure(shipped.length)} production packages have no licence that is known here`;
    const risk = unknown.length > shipped.length / 10 ? "medium" : "low";
    findings.push(
      finding("unknown-licence", risk, {
        title,
        action: "Read their licences and note the answer",
        where: named(unknown),
      }),
    );
  }
  return findings;
}

function limitsOf(tree, packages, installed) {
  const limits = [
    "Licence texts are recognised by telling sentences, not compared word by word; this is no legal advice.",
  ];
  const others = tree.filter(({ path }) =>
    /(^|\/)(Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|requirements[^/]*\.txt|yarn\.lock|pnpm-lock\.yaml)$/.test(path),
  );
  if (others.length > 0)
    limits.push(
      `Licences of what ${others
        .map(({ path }) => path)
        .slice(0, 3)
        .join(", ")} install are not known: these files do not note them.`,
    );
  if (packages.length === 0)
    limits.push("No npm lock file lists dependencies, so the licences of dependencies are not known.");
  if (installed > 0)
    limits.push(`${figure(installed)} licences were read from node_modules as it lies there, not from the commit.`);
  return limits;
}

await answer(measure);
