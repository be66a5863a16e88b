/**
 * The command itself, as a process of its own: compiled file by file into a temporary folder, run on small real
 * repositories, interrupted and killed. A `git` on the PATH that waits at a gate decides how far a run gets.
 */
import { verifies } from "../../test/verifies.ts";
import { spawn, type ChildProcess } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Sandbox } from "./testing/repository.ts";

const ROOT = join(import.meta.dirname, "../..");
const built = mkdtempSync(join(tmpdir(), "audit-built-"));

function compile(folder: string): void {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })) {
    const from = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(ts|mjs)$/.test(entry.name) || entry.name.endsWith(".test.ts")) continue;
    const to = join(built, from.slice(ROOT.length)).replace(/\.ts$/, ".js");
    mkdirSync(dirname(to), { recursive: true });
    if (entry.name.endsWith(".mjs")) cpSync(from, to);
    else writeFileSync(to, ts.transpileModule(readFileSync(from, "utf8"), { compilerOptions: OPTIONS }).outputText);
  }
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

beforeAll(() => {
  compile("src");
  compile("examples/audit");
  const itself = { name: "tutti", type: "module", exports: { ".": "./src/index.js" } };
  writeFileSync(join(built, "package.json"), JSON.stringify(itself));
  symlinkSync(join(ROOT, "node_modules"), join(built, "node_modules"));
}, 60_000);

afterAll(() => rmSync(built, { recursive: true }));

/** A folder to run in, and a gate that `git log --numstat` (the code agent's) waits at until it is opened. */
class Place implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "audit-run-"));
  readonly #gate = join(this.folder, "gate");

  constructor() {
    const path = process.env["PATH"] ?? "";
    const git = path
      .split(delimiter)
      .map((folder) => join(folder, "git"))
      .find(existsSync);
    const wait = `case "$*" in *numstat*) while [ ! -e '${this.#gate}' ]; do sleep 0.02; done;; esac`;
    mkdirSync(join(this.folder, "bin"));
    writeFileSync(join(this.folder, "bin/git"), `#!/bin/sh\n${wait}\nexec '${git}' "$@"\n`, { mode: 0o755 });
  }

  openGate(): void {
    writeFileSync(this.#gate, "");
  }

  start(...args: string[]): Command {
    const env = { ...process.env, PATH: `${join(this.folder, "bin")}${delimiter}${process.env["PATH"]}` };
    const file = join(built, "examples/audit/main.js");
    return new Command(
      spawn(process.execPath, [file, ...args], { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] }),
    );
  }

  report(): string {
    return readFileSync(join(this.folder, "report.md"), "utf8");
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  out = "";
  said = "";

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.out += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.said += text));
    this.ended = new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
  }

  /** Resolves when it has said this; fails when it ends without. */
  async says(text: string): Promise<void> {
    while (!this.said.includes(text)) {
      const more = new Promise((resolve) => this.child.stderr?.once("data", resolve));
      const end = await Promise.race([more.then(() => false), this.ended.then(() => true)]);
      if (end && !this.said.includes(text)) throw new Error(`It ended without saying ${text}:\n${this.said}`);
    }
  }
}

function project(): Sandbox {
  return new Sandbox().write("src/a.ts", "let a = 1;\n").write("package.json", `{ "name": "shop" }`).commit();
}

function runIdIn(text: string): string | undefined {
  return /run_[\w-]+/.exec(text)?.[0];
}

test("a repository is audited from end to end", verifies("001-F128"), async () => {
  using sandbox = project();
  using place = new Place();
  place.openGate();
  const command = place.start(sandbox.root);
  expect(await command.ended, command.said).toBe(0);
  expect(place.report()).toContain("# Audit of shop");
  expect(command.out).toMatch(/^Risk +high/m);
  expect(command.out).toContain(join(place.folder, "report.md"));
  expect(command.out).toContain(String(runIdIn(command.said)));
  expect(command.out).toMatch(/^Critical path .* report \d/m);
  expect(command.out).toMatch(/^Time by agent .*surveyor .*%/m);
  for (const step of ["history", "code", "tests", "evidence", "operations", "grade", "report"])
    expect(command.said).toMatch(new RegExp(`^\\S+ ${step} completed`, "m"));
});

test("killed half-way it goes on where it stopped, and finished steps are not repeated", async () => {
  using sandbox = project();
  using place = new Place();
  const killed = place.start(sandbox.root);
  for (const step of ["history", "dependencies", "licences"]) await killed.says(`${step} completed`);
  killed.child.kill("SIGKILL");
  expect(await killed.ended).toBe("SIGKILL");
  place.openGate();

  const again = place.start(sandbox.root);
  expect(await again.ended, again.said).toBe(0);
  expect(again.said).toMatch(/^Going on with run run_\S+ of shop at \w+ \(3 of 12 steps done\)\.$/m);
  expect(runIdIn(again.said)).toBe(runIdIn(killed.said));
  expect(again.out).toContain("The interruption counts in the time of code.");
  expect(again.said).not.toMatch(/history|dependencies|licences/);
  expect(place.report()).toContain(String(runIdIn(killed.said)));

  const fresh = place.start(sandbox.root);
  expect(await fresh.ended, fresh.said).toBe(0);
  expect(runIdIn(fresh.said)).not.toBe(runIdIn(killed.said));
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends it in good order with exit %i, and the run goes on with the next start", async (signal, code) => {
  using sandbox = project();
  using place = new Place();
  const stopped = place.start(sandbox.root);
  await stopped.says("history completed");
  stopped.child.kill(signal);
  expect(await stopped.ended, stopped.said).toBe(code);
  expect(stopped.said).toContain("The same command goes on where this one stopped.");
  place.openGate();
  const again = place.start(sandbox.root);
  expect(await again.ended, again.said).toBe(0);
  expect(again.said).toContain(`Going on with run ${runIdIn(stopped.said)}`);
});

test("another commit is another audit, whatever is still open", async () => {
  using sandbox = project();
  using place = new Place();
  const killed = place.start(sandbox.root);
  await killed.says("history completed");
  killed.child.kill("SIGKILL");
  await killed.ended;
  place.openGate();
  sandbox.write("src/b.ts", "").commit();
  const other = place.start(sandbox.root);
  expect(await other.ended, other.said).toBe(0);
  expect(runIdIn(other.said)).not.toBe(runIdIn(killed.said));
});

test("a specialist that fails is missing from the report, not the report from the run", async () => {
  using sandbox = project();
  using place = new Place();
  place.openGate();
  const id = sandbox.git(["rev-parse", "HEAD:src/a.ts"]).trim();
  rmSync(join(sandbox.root, ".git/objects", id.slice(0, 2), id.slice(2)));
  const command = place.start(sandbox.root);
  expect(await command.ended, command.said).toBe(0);
  expect(place.report()).toMatch(/\*\*The code could not be measured\*\*: .*git (diff-tree|log)/);
  expect(place.report()).not.toContain("test lines per line of code");
});

test("a second audit in the same folder at the same time is refused", async () => {
  using sandbox = project();
  using place = new Place();
  const first = place.start(sandbox.root);
  await first.says("history completed");
  const second = place.start(sandbox.root);
  expect(await second.ended, second.said).toBe(7);
  place.openGate();
  expect(await first.ended, first.said).toBe(0);
});

test.each([
  [["/nowhere/at/all"], 3, "There is no folder /nowhere/at/all."],
  [["/"], 3, "is not in a git repository"],
  [[ROOT, "--out", "/nowhere/report.md"], 3, "/nowhere"],
  [["a", "b"], 2, "One repository at a time."],
  [["--slow"], 2, "Usage: npm start"],
])("%j is refused with exit %i and a word why", async (args, code, why) => {
  using place = new Place();
  const command = place.start(...args);
  expect(await command.ended).toBe(code);
  expect(command.said).toContain(why);
  expect(command.said).not.toContain("    at ");
});

test("given a folder to write to, the report lies in it", async () => {
  using sandbox = project();
  using place = new Place();
  place.openGate();
  const command = place.start(sandbox.root, "--out", sandbox.root);
  expect(await command.ended, command.said).toBe(0);
  expect(readFileSync(join(sandbox.root, "report.md"), "utf8")).toContain("# Audit of shop");
});

test("help is an answer, not an error", async () => {
  using place = new Place();
  const command = place.start("--help");
  expect(await command.ended).toBe(0);
  expect(command.out).toContain("Usage: npm start");
});
