/**
 * Makes a clone ready, and says nothing when it is. `install` brings node_modules in line with package-lock.json;
 * `build` does that and compiles dist. npm runs this before anything is installed: Node built-ins only.
 */
import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMP = "dist/.built";
const BUILD_CONFIG = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"];

class SetupError extends Error {}

function requireNode() {
  const wanted = readJson("package.json").engines.node.replace(">=", "");
  const [major, minor] = wanted.split(".").map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new SetupError(`Tutti needs Node ${wanted} or newer; this is ${process.versions.node} (${process.execPath}).`);
}

/** The main job and its tests read a repository's history. */
function requireGit() {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["git", "git.exe"]) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return;
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new SetupError("git is not on the PATH. Install it (Debian: apt-get install git) and run this again.");
}

function install() {
  if (isInstalled()) return;
  say("Installing packages (npm ci) …");
  const started = Date.now();
  const args = ["ci", "--no-audit", "--no-fund", "--include=dev"];
  // The npm that runs us, so that one Node and one npm do the whole work; run by hand, the one on the PATH.
  const npm = process.env.npm_execpath ?? "";
  const done = /^npm-cli\.c?js$/.test(basename(npm)) ? run(process.execPath, [npm, ...args]) : run("npm", args);
  if (done.status !== 0) throw new SetupError(`npm ci failed.\n${done.output}\n${adviceOn(done.output)}`);
  say(`Installed in ${seconds(started)}.`);
}

/** npm writes node_modules/.package-lock.json last: it is missing after an interrupted install. */
function isInstalled() {
  const installed = modified("node_modules/.package-lock.json");
  if (installed === 0) return false;
  if (installed >= modified("package-lock.json")) return true;
  // A checkout or `npm install` may touch the lock without changing what it asks for.
  const have = readJson("node_modules/.package-lock.json").packages;
  return Object.entries(readJson("package-lock.json").packages).every(
    ([path, wanted]) => path === "" || wanted.optional === true || have[path]?.version === wanted.version,
  );
}

function adviceOn(output) {
  if (/ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(output))
    return "The package registry could not be reached. Check the network, and `npm config get registry`.";
  if (/EUSAGE|in sync/.test(output)) return "package-lock.json does not fit package.json: run `npm install`.";
  if (/ENOSPC/.test(output)) return "The disk is full.";
  return "The lines above are npm's own.";
}

function build() {
  if (modified(STAMP) >= Math.max(...BUILD_CONFIG.map(modified), ...["src", "examples", "bench"].map(newest))) return;
  say("Building (tsc) …");
  const started = Date.now();
  const done = run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"]);
  if (done.status !== 0) throw new SetupError(`tsc failed; dist is as it was.\n${done.output}`);
  bundle();
  mkdirSync(join(root, dirname(STAMP)), { recursive: true });
  writeFileSync(join(root, STAMP), "");
  // As of when tsc began: a file saved meanwhile counts as newer.
  utimesSync(join(root, STAMP), started / 1000, started / 1000);
  say(`Built in ${seconds(started)}.`);
}

/** The command in a few files instead of three hundred: a third of the time to its first step is loading. */
function bundle() {
  rmSync(join(root, "dist/cli"), { recursive: true, force: true });
  const options = [
    "--bundle",
    "--splitting",
    "--format=esm",
    "--platform=node",
    "--target=node20",
    "--outdir=dist/cli",
  ];
  const external = ["@photostructure/sqlite", "tsx"].map((name) => `--external:${name}`);
  // What is CommonJS among the packages asks for Node's modules by require().
  const own = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";
  const args = ["dist/src/cli/main.js", ...options, ...external, `--banner:js=${own}`, "--log-level=error"];
  const done = run(process.execPath, ["node_modules/esbuild/bin/esbuild", ...args]);
  if (done.status !== 0) throw new SetupError(`esbuild failed.\n${done.output}`);
}

/**
 * `npx tutti` in a clone means this package's own command: npm links the commands of what is installed, and asks the
 * registry for what is not.
 */
function link() {
  const file = join(root, "dist/cli/main.js");
  const name = join(root, "node_modules/.bin/tutti");
  const target = relative(dirname(name), file);
  chmodSync(file, 0o755);
  if (lstatSync(name, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(name) === target) return;
  mkdirSync(dirname(name), { recursive: true });
  rmSync(name, { force: true });
  symlinkSync(target, name);
}

/** The newest change below a folder. Folders count, because a file that is gone left its mark only there. */
function newest(folder) {
  let time = modified(folder);
  if (time === 0) return 0;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.name === "node_modules") continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) time = Math.max(time, newest(path));
    else if (!path.endsWith(".test.ts")) time = Math.max(time, modified(path));
  }
  return time;
}

function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

function run(program, args) {
  const done = spawnSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return { status: done.status, output: `${done.error?.message ?? ""}${done.stdout ?? ""}${done.stderr ?? ""}`.trim() };
}

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

try {
  const [goal] = process.argv.slice(2);
  if (goal !== "install" && goal !== "build") throw new SetupError("usage: node scripts/setup.mjs install|build");
  requireNode();
  requireGit();
  install();
  if (goal === "build") {
    build();
    link();
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
