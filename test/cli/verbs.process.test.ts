/** The verbs around a run: checking, drawing, beginning, configuration, completion, doctor; and wrong usage. */
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder, one, ROOT, STEPS, WAITING } from "./terminal.ts";

beforeAll(builtPackage, 120_000);

test("wrong usage exits 2 with what was meant, as problem+json where JSON was asked for; help exits 0", async () => {
  using folder = new Folder();
  const told = await Promise.all(
    [["rnu"], ["runs", "cancl", "x"], ["run", "a.yaml", "--jsn"], ["runs", "list", "--status", "complted"]].map(
      (args) => folder.tutti(args),
    ),
  );
  expect(told.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  for (const [index, meant] of ["run", "cancel", "--json", "completed"].entries())
    expect(told[index]?.err).toContain(`Did you mean ${meant}?`);
  const json = await folder.tutti(["run", "--json", "--nothing"]);
  expect([json.code, json.out, JSON.parse(json.err)]).toMatchObject([2, "", { code: "USAGE", exitCode: 2 }]);
  const help = await folder.tutti(["run", "--help"]);
  expect([help.code, help.err]).toEqual([0, ""]);
  expect(help.out).toMatch(/^Examples:\n {2}\$ tutti run /);
});

test("validate tells every file, graph draws, --dry checks the input too; none of them loads or makes anything", async () => {
  using folder = new Folder({
    "steps.mjs": `import { writeFileSync } from "node:fs"; writeFileSync("loaded", "");`,
    "good.yaml": WAITING,
    "bad.yaml": WAITING.replace("needs: [first]", "neds: [first]"),
    "strict.yaml": one("work", "input: { type: object, required: [sku] }"),
  });
  const both = await folder.tutti(["validate", "good.yaml", "bad.yaml"]);
  expect([both.code, both.out]).toEqual([3, "+ ok  good.yaml  waiting@1  3 steps, 1 side by side, 3 in a row\n"]);
  expect(both.err).toContain("bad.yaml:7:11  $.steps.wait.neds: no such key. Did you mean needs?");
  const json = await folder.tutti(["validate", "bad.yaml", "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({ valid: false, files: [{ problems: [{ line: 7, column: 11 }] }] });
  expect(JSON.parse(json.err)).toMatchObject({ code: "DEFINITION_INVALID", problems: [{ suggestion: "needs" }] });
  const drawn = await Promise.all(
    ["text", "mermaid", "dot"].map((format) => folder.tutti(["graph", "good.yaml", "--format", format])),
  );
  expect(drawn.map(({ out }) => /first → wait|flowchart|digraph/.exec(out)?.[0])).toEqual([
    "first → wait",
    "flowchart",
    "digraph",
  ]);
  expect((await folder.tutti(["run", "strict.yaml", "--dry", "--input", "sku=1"])).code).toBe(0);
  const dry = await folder.tutti(["run", "strict.yaml", "--dry"]);
  expect([dry.code, dry.err]).toEqual([3, expect.stringContaining("sku")]);
  expect([folder.read("loaded"), statSync(join(folder.path, ".tutti"), { throwIfNoEntry: false })]).toEqual([
    "",
    undefined,
  ]);
}, 60_000);

test("init makes a workflow that runs at once, and never writes over anything", async () => {
  using folder = new Folder();
  expect(await folder.tutti(["init", "hello"])).toMatchObject({
    code: 0,
    out: "hello/workflow.yaml\nhello/steps.mjs\nhello/README.md\n",
  });
  const { code, out } = await folder.tutti(["run", "hello/workflow.yaml", "--input", "name=Ada", "-q"]);
  expect([code, JSON.parse(out)]).toEqual([0, { card: expect.stringMatching(/^Hello, Ada!/) as unknown }]);
  folder.write({ "hello/steps.mjs": "mine", "taken/README.md": "mine" });
  const again = await folder.tutti(["init", "hello"]);
  expect([again.code, again.err]).toEqual([6, expect.stringContaining("hello/steps.mjs")]);
  expect((await folder.tutti(["init", "taken"])).code).toBe(6);
  expect([folder.read("hello/steps.mjs"), folder.read("taken/README.md"), folder.read("taken/workflow.yaml")]).toEqual([
    "mine",
    "mine",
    "",
  ]);
});

test("config show tells each value and its origin; a wrong file is exit 3 for every verb", async () => {
  using folder = new Folder({
    "tutti.config.yaml": "store: data/p.db\n",
    ".config/tutti/config.json": '{"color":"never"}',
  });
  const { out } = await folder.tutti(["config", "show", "--origin"], { env: { TUTTI_MAX_CONCURRENT_RUNS: "7" } });
  expect(out).toMatch(/store +\S+data\/p\.db +\S+tutti\.config\.yaml +TUTTI_STORE/);
  expect(out).toMatch(/maxConcurrentRuns +7 +env TUTTI_MAX_CONCURRENT_RUNS/);
  expect(out).toMatch(/color +never +\S+\.config\/tutti\/config\.json/);
  const path = await folder.tutti(["config", "path"]);
  expect(path.out.split("\n").filter((line) => line !== "" && !line.endsWith("(not there)"))).toHaveLength(2);
  folder.write({ "tutti.config.yaml": "stroe: x\n" });
  const wrong = await folder.tutti(["runs", "list"]);
  expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining("Did you mean store?")]);
});

test("bash completes verbs, options, choices and the ids of runs", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": one("first") });
  await folder.tutti(["run", "flow.yaml", "--run-id", "mine", "-q"]);
  const typed = ["ru", "runs wa", "run --in", "graph --format m", "runs get m", "completion z", "nothing x"];
  const script = [
    'tutti() { $TUTTI "$@"; }; source <(tutti completion bash)',
    ...typed.map(
      (line) =>
        `COMP_WORDS=(tutti ${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _tutti; echo "\${COMPREPLY[@]}"`,
    ),
  ].join("\n");
  const { out, err } = await folder.spawn("bash", ["-c", script]).done;
  expect([out.split("\n"), err]).toEqual([["run runs", "watch", "--input", "mermaid", "mine", "zsh", "", ""], ""]);
  const others = await Promise.all(["zsh", "fish", "powershell"].map((shell) => folder.tutti(["completion", shell])));
  for (const other of others) expect(other.out).toMatch(/__complete/);
});

test("doctor looks at what there is, and says when it will not do", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": one("first"), "text.db": "not a database, but a text" });
  const none = await folder.tutti(["doctor", "--json"]);
  const checks = (JSON.parse(none.out) as { checks: { name: string; state: string; detail: string }[] }).checks;
  expect([none.code, checks.map(({ name }) => name)]).toEqual([
    0,
    ["Node", "folder", "SQLite", "disk", "store", "owner", "space", "clock"],
  ]);
  expect(checks.find(({ name }) => name === "SQLite")?.detail).toMatch(
    /^3\.\d+\.\d+, journal_mode wal, synchronous 2$/,
  );
  expect(statSync(join(folder.path, ".tutti"), { throwIfNoEntry: false })).toBeUndefined();
  await folder.tutti(["run", "flow.yaml", "-q"]);
  chmodSync(join(folder.path, ".tutti/tutti.db"), 0o644);
  const loose = await folder.tutti(["doctor"]);
  expect([loose.code, loose.out]).toEqual([0, expect.stringContaining("others may open it: chmod 600")]);
  expect((await folder.tutti(["doctor", "--store", "text.db"])).code).toBe(1);
});

test("in a clone, npx tutti is the clone's own command", async () => {
  using folder = new Folder();
  const { out } = await folder.spawn("sh", ["-c", `cd "${ROOT}" && npx --no-install tutti --version`]).done;
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
