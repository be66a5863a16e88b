/** The verbs, within this process. What only a process of its own can show is in test/cli. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSqlite } from "../store/sqlite/open.ts";
import { Inside } from "../../test/cli/inside.ts";

const STEPS = `
import { existsSync, watch } from "node:fs";
export const hello = ({ input }, { log }) => (log.warn("hello\\u001b"), { hello: input?.name ?? "nobody" });
export const echo = (input) => input;
export const fail = () => { throw new Error("it broke"); };
export const wait = (_, { signal, progress }) => new Promise((resolve, reject) => {
  progress(0.5, "half");
  const go = new URL("go", import.meta.url);
  const end = (settle, value) => (watcher.close(), settle(value));
  const watcher = watch(new URL(".", import.meta.url), () => existsSync(go) && end(resolve, "gone"));
  signal.addEventListener("abort", () => end(reject, signal.reason));
});
`;
const document = (id: string, steps: string, more = ""): string =>
  `tutti: "1"\nid: ${id}\nversion: "1"\n${more}\nsteps:\n${steps}\n`;
const FILES = {
  "steps.mjs": STEPS,
  "hello.yaml": document("hello", '  a: { uses: "./steps.mjs#hello" }\n  b: { needs: [a], uses: "./steps.mjs#echo" }'),
  "fail.yaml": document("fail", '  a: { uses: "./steps.mjs#fail", retry: { maximumAttempts: 1 } }'),
  "part.yaml": document(
    "part",
    '  a: { uses: "./steps.mjs#fail", retry: { maximumAttempts: 1 } }',
    "onFailure: partial",
  ),
  "wait.yaml": document("wait", '  a: { uses: "./steps.mjs#wait", timeout: 1h }'),
  "typed.yaml": document(
    "typed",
    '  a: { uses: "./steps.mjs#echo", input: "${input.n}" }',
    "input: { type: object, required: [n], properties: { n: { type: number } } }",
  ),
  "bad.yaml": document("bad", '  a: { uses: "./steps.mjs#echo", usse: 1 }'),
};

const json = (text: string): unknown => JSON.parse(text);

describe("run", () => {
  test("prints the output, or the document, and exits by the run's end", async () => {
    using folder = new Inside(FILES);
    const done = await folder.tutti("run hello.yaml --run-id h --input name=Ada --tag x");
    expect([done.code, json(done.out)]).toEqual([0, { b: { input: { name: "Ada" }, needs: { a: { hello: "Ada" } } } }]);
    expect(done.err).toMatch(/Z {2}a completed \(.*\)\n[^]*\+ completed {2}h {2}2 steps in /);
    expect(await folder.tutti("run hello.yaml --run-id h --input name=Ada --quiet")).toEqual({ ...done, err: "" });
    const failed = await folder.tutti("run fail.yaml --quiet");
    expect([failed.code, failed.out]).toEqual([10, ""]);
    expect(failed.err).toMatch(/^x failed {2}run_\w+ {2}1 step in .*\n {2}a: agent_error: it broke\n/);
    const partial = await folder.tutti("run part.yaml --json");
    expect([partial.code, json(partial.out)]).toMatchObject([0, { status: "completed", partial: true }]);
    expect(partial.err).toContain("Some steps failed; the workflow allows that.");
  });

  test("refuses what is invalid with one message, as problem+json where JSON was asked for, with a stack for -v", async () => {
    using folder = new Inside(FILES);
    for (const [line, code, message] of [
      ["run bad.yaml", 3, "bad.yaml:6:34  $.steps.a.usse: no such key. Did you mean uses?"],
      ["run none.yaml", 3, "cannot be read"],
      ["run typed.yaml", 3, "n"],
      ["run typed.yaml --input n=1 --run-id #", 3, "runId"],
      ["run hello.yaml --color red", 2, "--color is auto, always or never"],
    ] as const) {
      const refused = await folder.tutti(line);
      expect([refused.code, refused.out], line).toEqual([code, ""]);
      expect(refused.err).toContain(message);
      expect(refused.err).not.toMatch(/\n +at /);
    }
    const told = await folder.tutti("run bad.yaml --json");
    expect(json(told.err)).toMatchObject({
      code: "DEFINITION_INVALID",
      exitCode: 3,
      problems: [{ line: 6, column: 34 }],
    });
    expect((await folder.tutti("run bad.yaml -v")).err).toMatch(/\n +at /);
  });

  test("leaves at the first signal with a word how to go on, and quits at the second", async () => {
    using folder = new Inside(FILES);
    const going = folder.tutti("run wait.yaml --run-id w --store other.db");
    await folder.said("a running");
    folder.stop("SIGINT");
    folder.stop("SIGINT");
    expect(folder.exited).toBe(130);
    const { code, err } = await going;
    expect([code, err]).toEqual([130, expect.stringContaining("Run w is kept as it is")]);
    expect(err).toMatch(/tutti recover --store \S+other\.db\n/);
    const term = folder.tutti("recover --store other.db");
    await folder.said("a running");
    folder.stop("SIGTERM");
    expect(await term).toMatchObject({
      code: 143,
      out: "",
      err: expect.stringContaining("Go on: tutti recover") as unknown,
    });
  });

  test("prints what it has before others' work has stopped; a signal then hurries, and takes nothing back", async () => {
    using folder = new Inside(FILES);
    const env = { TUTTI_SHUTDOWN_GRACE: "1h" };
    const other = folder.tutti("run wait.yaml --run-id w");
    await folder.said("a running");
    folder.stop("SIGINT");
    await other;
    const going = folder.tutti("run hello.yaml --run-id h --json", { env });
    await folder.said('"status":"completed"');
    await folder.said("Other runs are handed back");
    folder.stop("SIGTERM");
    folder.stop("SIGTERM");
    expect(folder.exited).toBe(0);
    const { code, out } = await going;
    expect([code, json(out)]).toMatchObject([0, { id: "h", status: "completed" }]);
    expect(json((await folder.tutti("runs get w --json")).out)).toMatchObject({ steps: { a: { attempts: 0 } } });
  });

  test("--cancel-on-interrupt cancels a run that was not there yet as soon as it is", async () => {
    using folder = new Inside(FILES);
    const held = await openSqlite(join(folder.path, ".tutti/tutti.db"));
    const going = folder.tutti("run wait.yaml --json --cancel-on-interrupt");
    await folder.listened();
    folder.stop("SIGINT");
    await folder.said("cancelling");
    await held[Symbol.asyncDispose]();
    const { code, out } = await going;
    expect([code, json(out)]).toMatchObject([130, { status: "cancelled", reason: "interrupted at the terminal" }]);
  });

  test("--cancel-on-interrupt cancels; at a terminal there is a block meanwhile", async () => {
    using folder = new Inside(FILES);
    const env = { LANG: "C.UTF-8" };
    const going = folder.tutti("run wait.yaml --json --cancel-on-interrupt", { env, isTerminal: true });
    await folder.said("half");
    folder.stop("SIGINT");
    const { code, out, err } = await going;
    expect([code, json(out)]).toMatchObject([130, { status: "cancelled", reason: "interrupted at the terminal" }]);
    expect(err).toMatch(/\[-+\] 0\/1 0% 00:00\n {2}\S a {2}running {2}00:00 {2}50% {2}half/);
  });
});

describe("the runs of a store", () => {
  test("are listed, shown and followed", async () => {
    using folder = new Inside(FILES);
    await folder.tutti("run hello.yaml --run-id h --tag x");
    await folder.tutti("run fail.yaml --run-id f");
    const wide = await folder.tutti("runs list", { isTerminal: true, columns: 200 });
    expect(wide.out).toMatch(/CREATED[^]*failed[^]*fail@1[^]*completed/);
    expect((await folder.tutti("runs list", { isTerminal: true })).out).toMatch(/AGE[^]*0 s/);
    expect(await folder.tutti("runs list --workflow none")).toEqual({ code: 0, out: "", err: "No run fits.\n" });
    const page = await folder.tutti("runs list --limit 1");
    expect(page.err).toMatch(/^More: --cursor r\w+\n$/);
    expect(json((await folder.tutti("runs list --limit 1 --json")).out)).toMatchObject({ items: [{ id: "f" }] });
    expect((await folder.tutti("runs list --status failed --tag x -q")).out).toBe("");
    const shown = await folder.tutti("runs get f");
    for (const part of ["failed  f", "fail@1", "1 of 1 ended (100%)", "agent_error: it broke"])
      expect(shown.out).toContain(part);
    expect((await folder.tutti("runs get h")).out).toContain('"hello": "nobody"');
    expect((await folder.tutti("runs watch f")).code).toBe(10);
    const watched = await folder.tutti("runs watch h --output ndjson");
    expect(json(watched.out.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ type: "result", status: "completed" });
    expect((await folder.tutti("runs events f --from 2")).out).toMatch(/^ {4}3 .*step\.started {6}a\n {4}4 .*it broke/);
    expect((await folder.tutti("runs events h --follow")).out).toContain("run.completed");
    expect((await folder.tutti("runs logs h")).out).toMatch(/a#1 {2}warn {3}hello\\u001b\n$/);
    const noStep = await folder.tutti("runs logs h aa");
    expect(noStep).toEqual({ code: 5, out: "", err: "tutti: Run h has no step aa. Did you mean a?\n" });
    expect((await folder.tutti("runs logs h nowhere --follow")).code).toBe(5);
    expect((await folder.tutti("runs logs h a --follow --output ndjson")).out).toContain('"lines":1');
  });

  test("are steered where nobody owns them, and recovered", async () => {
    using folder = new Inside(FILES);
    const going = folder.tutti("run wait.yaml --run-id w");
    await folder.said("a running");
    folder.stop("SIGINT");
    await going;
    expect(json((await folder.tutti("runs pause w --json")).out)).toEqual({ id: "w", status: "paused" });
    const watched = await folder.tutti("runs watch w --json");
    expect([watched.code, json(watched.out)]).toMatchObject([12, { status: "paused" }]);
    const waits = await folder.tutti("recover");
    expect([waits.code, json(waits.out)]).toEqual([12, { runs: [{ id: "w", status: "paused" }] }]);
    expect((await folder.tutti("runs resume w")).err).toContain("Go on: tutti recover");
    expect((await folder.tutti("runs watch w --timeout 20ms")).code).toBe(8);
    expect((await folder.tutti("runs cancel w --reason why")).out).toBe("! cancelled  w\n");
    expect((await folder.tutti("runs watch w")).err).toMatch(/! cancelled {2}w[^]* {2}why\n$/);
    expect(await folder.tutti("runs kill w")).toMatchObject({ code: 6, out: "" });
    expect(await folder.tutti("recover")).toMatchObject({ code: 0, out: '{"runs":[]}\n', err: "No run was open.\n" });
  });

  test("are not looked for by recover where there is no store, and none is made", async () => {
    using folder = new Inside(FILES);
    for (const line of ["recover", "recover --store typo/other.db"]) {
      const { code, out, err } = await folder.tutti(line);
      expect([code, out], line).toEqual([0, '{"runs":[]}\n']);
      expect(err).toMatch(/There is no store .*(tutti|other)\.db/);
    }
    expect([".tutti", "typo"].map((name) => existsSync(join(folder.path, name)))).toEqual([false, false]);
  });

  test("what is asked for wrongly is usage, what is not there has its codes", async () => {
    using folder = new Inside(FILES);
    await folder.tutti("run hello.yaml -q");
    for (const [line, code] of [
      ["runs list --limit 0", 2],
      ["runs list --status gone", 2],
      ["runs events x --from y", 2],
      ["runs watch x --timeout soon", 2],
      ["runs", 2],
      ["", 0],
      ["--version", 0],
      ["completion tcsh", 2],
      ["runs get x", 5],
      ["runs watch x", 5],
      ["runs logs x", 5],
      ["runs list --store none.db", 7],
      ["runs list --cursor x", 3],
    ] as const)
      expect((await folder.tutti(line)).code, line).toBe(code);
  });
});

describe("around runs", () => {
  test("files are checked and drawn, and --dry shows what would run", async () => {
    using folder = new Inside(FILES);
    const checked = await folder.tutti("validate hello.yaml bad.yaml none.yaml");
    expect([checked.code, checked.out]).toEqual([
      3,
      expect.stringMatching(/^\+ ok .*hello@1 {2}2 steps, 1 side by side/),
    ]);
    expect(checked.err.match(/^x failed/gm)).toHaveLength(2);
    const { code, out } = await folder.tutti("validate hello.yaml --json");
    expect([code, json(out)]).toMatchObject([0, { valid: true, files: [{ id: "hello", steps: 2, widest: 1 }] }]);
    expect((await folder.tutti("graph hello.yaml --format mermaid")).out).toMatch(/^flowchart/);
    const dry = await folder.tutti("run typed.yaml --dry --input n=1 --json");
    expect([dry.code, json(dry.out)]).toMatchObject([0, { dry: true, input: { n: 1 }, steps: 1 }]);
    expect((await folder.tutti("run typed.yaml --dry --input n=1")).out).toContain("typed 1: 1 step");
    expect((await folder.tutti("run typed.yaml --dry --input n=x")).code).toBe(3);
  });

  test("init, config, doctor and completion", async () => {
    using folder = new Inside();
    expect((await folder.tutti("init")).out).toBe("workflow.yaml\nsteps.mjs\nREADME.md\n");
    expect((await folder.tutti("init")).code).toBe(6);
    expect((await folder.tutti("run workflow.yaml -q")).out).toContain("Hello, world!");
    expect((await folder.tutti("config show --origin")).out).toMatch(/shutdownGrace +10 +env TUTTI_SHUTDOWN_GRACE/);
    expect(json((await folder.tutti("config show --json")).out)).toMatchObject({ color: "auto", abortGrace: 10 });
    expect((await folder.tutti("config path")).out).toContain("tutti.config.json  (not there)");
    expect((await folder.tutti("doctor")).out).toMatch(/\+ ok +SQLite +3\./);
    folder.write("text.db", "no database at all, but a text");
    expect((await folder.tutti("doctor --store text.db --json")).code).toBe(1);
    expect(await folder.tutti("doctor --store=")).toMatchObject({ code: 2, out: "" });
    folder.write("sub/file", "");
    const isFolder = await folder.tutti("doctor --store sub");
    expect([isFolder.code, isFolder.out]).toEqual([1, expect.stringMatching(/failed +store +\S+sub is a folder/)]);
    const below = await folder.tutti("doctor --store sub/file/s.db");
    expect([below.code, below.out]).toEqual([1, expect.stringMatching(/failed +store +ENOTDIR/)]);
    expect((await folder.tutti("completion fish")).out).toContain("complete -c tutti");
    const offered = async (line: string): Promise<string[]> =>
      (await folder.tutti(`__complete ${line}`)).out.split("\n").map((text) => text.split("\t")[0] ?? "");
    expect(await offered("ru")).toEqual(["run", "runs", ""]);
    expect(await offered("run --st")).toEqual(["--store", ""]);
    expect(await offered("graph x --format d")).toEqual(["dot", ""]);
    expect(await offered("runs get --store .tutti/tutti.db run_")).toEqual([expect.stringMatching(/^run_/), ""]);
    expect(await offered("runs get --store none.db r")).toEqual([""]);
  });
});
