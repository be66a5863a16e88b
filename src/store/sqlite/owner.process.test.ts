/**
 * Owners as real processes: killed, starved of disk, kept off each other. The sources are compiled into a folder, so
 * that plain node can run them.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fold } from "../../run/evolve.ts";
import { seeded } from "../../std/random.ts";
import { openSqlite, openSqliteReader } from "./open.ts";

const sources = fileURLToPath(new URL("../..", import.meta.url));
const compiled = mkdtempSync(join(tmpdir(), "tutti-owner-"));
const owner = join(compiled, "owner.js");
const children: ChildProcess[] = [];
let folder: string;
let file: string;

/** Says `open`; then holds on, or commits for ever and says what is durable; the last argument names its runs. */
const OWNER = `
  import { readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
  import { openSqlite } from "./store/sqlite/open.js";
  import { sampleChain, SampleRun } from "./store/samples.js";
  const [mode, file, name] = process.argv.slice(2);
  const say = (text) => writeSync(1, text + "\\n");
  if (mode === "full") writeFileSync(file + ".ballast", "x".repeat(300_000));
  const store = await openSqlite(file).catch((error) => {
    say("refused " + error.code + " " + error.data.pid);
    process.exit(7);
  });
  say("open");
  if (mode === "hold") setInterval(() => {}, 1_000);
  const pinned = sampleChain(12);
  const acknowledge = (runs) => say("durable " + runs.map(({ id, seq }) => id + ":" + seq).join(" "));
  let refused = 0;
  for (let turn = 0; mode !== "hold"; turn++) {
    const runs = Array.from({ length: 8 }, (_, n) => new SampleRun(name + "_" + turn + "_" + n, { pinned }));
    for (let step = -1; step < 12; step++) {
      const commits = runs.map((run) => (step === -1 ? run.start() : run.step({ json: '"' + "x".repeat(step * 50) + '"' })));
      try {
        await store.commit(commits);
      } catch (error) {
        if (mode !== "full") throw error;
        say(error.message);
        if (refused++ > 0) process.exit(0);
        rmSync(file + ".ballast");
        await store.commit(commits);
        say("taken");
      }
      acknowledge(runs.map(({ run }) => run));
    }
  }
`;

beforeAll(() => {
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    rewriteRelativeImportExtensions: true,
  };
  for (const path of readdirSync(sources, { recursive: true, encoding: "utf8" })) {
    if (!/^(errors|(std|host|run|task|workflow|agent|limit|store)\/.*)\.ts$/.test(path) || path.endsWith(".test.ts"))
      continue;
    const target = join(compiled, path.replace(/ts$/, "js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      ts.transpileModule(readFileSync(join(sources, path), "utf8"), { compilerOptions }).outputText,
    );
  }
  symlinkSync(join(sources, "../node_modules"), join(compiled, "node_modules"));
  writeFileSync(join(compiled, "package.json"), '{"type":"module"}');
  writeFileSync(owner, OWNER);
});
afterAll(() => rmSync(compiled, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutti-store-"));
  file = join(folder, "store.db");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

interface Owner {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

function start(argv: readonly string[]): Owner {
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let stderr = "";
  child.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, stderr })),
  );
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](), ended };
}

/** Remembers what a line acknowledges. */
function hear(line: string, durable: Map<string, number>): void {
  for (const [, id = "", seq] of line.matchAll(/(\w+):(\d+)/g)) durable.set(id, Number(seq));
}

/** Every acknowledged event is there, nothing is damaged, and every run is what its journal tells. */
async function expectKept(durable: ReadonlyMap<string, number>): Promise<void> {
  await using store = await openSqlite(file);
  expect((await store.openRuns()).damaged).toEqual([]);
  for (const [id, seq] of durable) {
    const run = await store.run(id);
    expect(run?.seq, id).toBeGreaterThanOrEqual(seq);
    const events = await store.events(id, 0, 1_000);
    expect(run).toEqual(run && fold(id, events, run.pinned));
  }
}

describe("one owner", () => {
  test("a second process is refused with the pid of the first, until that one is killed", async () => {
    const first = start([process.execPath, owner, "hold", file]);
    expect((await first.lines.next()).value).toBe("open");
    const second = start([process.execPath, owner, "hold", file]);
    expect((await second.lines.next()).value).toBe(`refused STORE_LOCKED ${first.child.pid}`);
    expect((await second.ended).code).toBe(7);
    await expect(openSqlite(file)).rejects.toMatchObject({ code: "STORE_LOCKED", data: { pid: first.child.pid } });
    await (await openSqliteReader(file))[Symbol.asyncDispose]();
    first.child.kill("SIGKILL");
    await first.ended;
    await (await openSqlite(file))[Symbol.asyncDispose]();
  });

  test("an owner refused inside the process takes nothing away from the one that is there", async () => {
    await using first = await openSqlite(file);
    await expect(openSqlite(file)).rejects.toMatchObject({ code: "STORE_LOCKED" });
    const other = start([process.execPath, owner, "hold", file]);
    expect((await other.lines.next()).value).toBe(`refused STORE_LOCKED ${process.pid}`);
    expect((await first.openRuns()).runs).toEqual([]);
  });

  test("twenty kills at any instant lose no acknowledged commit", { timeout: 120_000 }, async () => {
    const random = seeded(20_261_121);
    const durable = new Map<string, number>();
    for (let kill = 0; kill < 20; kill++) {
      const { child, lines, ended } = start([process.execPath, owner, "write", file, `run${kill}`]);
      const patience = Math.floor(random() * 60);
      for (let heard = 0; heard <= patience; heard++) hear((await lines.next()).value as string, durable);
      child.kill("SIGKILL");
      // What it said before it died counts as well.
      for (let line = await lines.next(); !line.done; line = await lines.next()) hear(line.value, durable);
      await ended;
      await expectKept(new Map([...durable].slice(-16)));
    }
    expect(durable.size).toBeGreaterThan(100);
    await expectKept(durable);
  });
});

const works = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const canInject = works("strace", "-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true");
const canMount = works("unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt");

describe("a disk that fails", () => {
  const strace = (...inject: string[]): readonly string[] => ["strace", "-f", "-qq", "-o", "/dev/null", ...inject];

  test.for<[string, () => string[]]>([
    ["a sync of the log", () => ["-e", "inject=fsync,fdatasync:error=EIO:when=30+"]],
    ["a sync of the file itself", () => ["-P", file, "-e", "inject=fsync,fdatasync:error=EIO:when=3+"]],
    ["a write", () => ["-e", "inject=pwrite64:error=EIO:when=600+"]],
  ])(
    "when %s fails, the owner ends at once with 74, one line, and all it acknowledged",
    async ([, inject], { skip }) => {
      skip(!canInject, "strace may not inject faults here");
      const { lines, ended } = start([...strace(...inject()), process.execPath, owner, "write", file, "run"]);
      const durable = new Map<string, number>();
      for (let line = await lines.next(); !line.done; line = await lines.next()) hear(line.value, durable);
      const { code, stderr } = await ended;
      expect(stderr).toMatch(/^tutti: writing the store .* failed \(disk I\/O error\)\. Ending at once: .*\n$/);
      expect(code).toBe(74);
      expect(durable.size).toBeGreaterThan(0);
      await expectKept(durable);
    },
  );

  test("a full disk refuses a commit; with room again the same commit is taken", async ({ skip }) => {
    skip(!canMount, "no file system may be mounted here");
    const script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" full "$1/store.db" run';
    const { lines, ended } = start(["unshare", "-Urm", "sh", "-c", script, "sh", folder, process.execPath, owner]);
    const said: string[] = [];
    for (let line = await lines.next(); !line.done; line = await lines.next())
      said.push(line.value.replace(/ .*/s, ""));
    expect(await ended).toEqual({ code: 0, stderr: "" });
    const refused = said.indexOf("The");
    expect(said.slice(refused, refused + 3)).toEqual(["The", "taken", "durable"]);
    expect(said.filter((word) => word === "durable").length).toBeGreaterThan(5);
  });
});
