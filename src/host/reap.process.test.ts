/** Engines that die, as real processes: the sources are compiled into a folder, so that plain node can run them. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { identityOf } from "./processes.ts";
import { reapOrphans } from "./reap.ts";

const source = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tutti-reap-"));
const storeId = `store_reap_${process.pid}`;
const started: ChildProcess[] = [];

beforeAll(() => {
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  for (const file of [
    "host/spawn.ts",
    "host/reap.ts",
    "host/processes.ts",
    "host/output.ts",
    "host/program.ts",
    "std/clock.ts",
  ]) {
    const target = join(folder, file.replace(/ts$/, "js"));
    mkdirSync(dirname(target), { recursive: true });
    const compilerOptions = {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      rewriteRelativeImportExtensions: true,
    };
    const { outputText } = ts.transpileModule(readFileSync(join(source, file), "utf8"), { compilerOptions });
    writeFileSync(target, outputText);
  }
  // Starts a program that leaves its session and one that does not; then does what it is told.
  writeFileSync(
    join(folder, "engine.js"),
    `import { spawnGroup } from "./host/spawn.js";
     import { systemClock } from "./std/clock.js";
     void spawnGroup({
       argv: ["sh", "-c", "setsid sleep 1000 & echo ready >&2; exec sleep 1000"], env: {}, stdin: "",
       maxStdoutBytes: 10, maxStderrBytes: 100, graceMs: 100, clock: systemClock, signal: new AbortController().signal,
       marker: { store: "${storeId}", attempt: "run/step#1.1", idempotencyKey: "key" },
       onStderr: (line) => (process.argv[2] === "exit" ? process.exit(0) : console.log(line)),
     });`,
  );
  writeFileSync(
    join(folder, "reap.js"),
    `import { reapOrphans } from "./host/reap.js";
     console.log(await reapOrphans("${storeId}"));`,
  );
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Started, and its program really running: the environment can be read. */
async function start(argv: readonly string[], env: Record<string, string> = {}): Promise<ChildProcess> {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { env: { PATH: process.env["PATH"], ...env }, stdio: ["ignore", "pipe", "ignore"] });
  started.push(child);
  await new Promise((resolve) => child.once("spawn", resolve));
  return child;
}

const ended = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) =>
    (child.exitCode ?? child.signalCode) ? resolve(undefined) : child.once("exit", () => resolve(undefined)),
  );
const isRunning = (child: ChildProcess): boolean => identityOf(child.pid ?? 0) !== undefined;
const output = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString())));

function carriers(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`TUTTI_STORE_ID=${storeId}\0`);
    } catch {
      return false;
    }
  });
}

describe("after an engine died", () => {
  test("by kill -9: what its agents left is killed, inside their groups and outside", async () => {
    const engine = await start([process.execPath, join(folder, "engine.js")]);
    await output(engine);
    engine.kill("SIGKILL");
    await ended(engine);
    expect(carriers().length).toBe(2);
    expect(await reapOrphans(storeId)).toBe(2);
    expect(carriers()).toEqual([]);
    expect(await reapOrphans(storeId)).toBe(0);
  });

  test("by process.exit: it takes its groups with it", async () => {
    const engine = await start([process.execPath, join(folder, "engine.js"), "exit"]);
    await ended(engine);
    await expect.poll(() => carriers().length).toBeLessThanOrEqual(1);
    // Only the one that left its group is for the next start.
    expect(await reapOrphans(storeId)).toBeLessThanOrEqual(1);
    expect(carriers()).toEqual([]);
  });
});

describe("reaping kills", () => {
  test.each([
    ["an attempt of an engine that is dead", `run/step#1.1@999999999.1`],
    ["one whose engine's pid now belongs to somebody else", `run/step#1.1@${process.ppid}.1`],
    ["one of this very process, whose engine crashed in a test", `run/@/step#1.1@${identityOf(process.pid)}`],
  ])("%s", async (_what, attempt) => {
    const orphan = await start(["sleep", "1000"], { TUTTI_STORE_ID: storeId, TUTTI_ATTEMPT: attempt });
    expect(await reapOrphans(storeId)).toBe(1);
    expect(isRunning(orphan)).toBe(false);
  });
});

test("the mark is found behind any amount of environment", async () => {
  const filler = { FIRST: "x".repeat(100_000), SECOND: "y".repeat(100_000) };
  const orphan = await start(["sleep", "1000"], { ...filler, TUTTI_STORE_ID: storeId });
  expect(await reapOrphans(storeId)).toBe(1);
  expect(isRunning(orphan)).toBe(false);
});

describe("reaping spares", () => {
  test.each([
    ["another store", { TUTTI_STORE_ID: `${storeId}0` }, []],
    ["a store whose name ends so", { TUTTI_STORE_ID: `x${storeId}` }, []],
    ["the mark in another variable", { NOTE: `TUTTI_STORE_ID=${storeId}` }, []],
    ["a variable whose name ends so", { MY_TUTTI_STORE_ID: storeId }, []],
    ["the mark as an argument", {}, [`TUTTI_STORE_ID=${storeId}`]],
    ["no environment at all", {}, []],
  ])("%s", async (_what, env, args) => {
    const other = await start(["sh", "-c", "exec sleep 1000", ...args], env);
    expect(await reapOrphans(storeId)).toBe(0);
    expect(isRunning(other)).toBe(true);
  });

  test("agents of an engine that lives: its store is a copy", async () => {
    const engine = await start(["sleep", "1000"]);
    const agent = await start(["sleep", "1000"], {
      TUTTI_STORE_ID: storeId,
      TUTTI_ATTEMPT: `run/step#1.1@${identityOf(engine.pid ?? 0)}`,
    });
    expect(await reapOrphans(storeId)).toBe(0);
    expect(isRunning(agent)).toBe(true);
    engine.kill("SIGKILL");
    await ended(engine);
    expect(await reapOrphans(storeId)).toBe(1);
  });

  test("itself and what it was started by, when an agent starts an engine", async () => {
    const script = `"${process.execPath}" "${join(folder, "reap.js")}"; echo end`;
    const agent = await start(["sh", "-c", script], { TUTTI_STORE_ID: storeId });
    let text = "";
    agent.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((resolve) => agent.once("close", resolve));
    expect(text).toBe("0\nend\n");
  });
});
