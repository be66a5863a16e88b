import { describe, expect, test } from "vitest";
import { validate } from "./validate.ts";

const task = { kind: "task", run: { code: "a.run" } };
const head = {
  tutti: "1",
  id: "w",
  version: "1",
  input: { type: "object", properties: { sku: { type: "string" } }, additionalProperties: false },
};

function told(definition: unknown): string[] {
  return validate(definition).problems.map(({ path, message }) => `${path}: ${message}`);
}

/** What is said of one step that needs `page`. */
function toldOf(step: object): string[] {
  return told({ ...head, steps: { fetch: task, s: { ...task, needs: { page: "fetch" }, ...step } } });
}

describe("expressions are checked where they stand", () => {
  test.each<[string, object]>([
    ["a condition on a need", { when: "needs.page.items.size() > 10" }],
    ["a template", { input: { sku: "${input.sku}", text: "of ${needs.page.title}: ${run.id}", plain: "$${x}" } }],
    ["a plain reference in a text", { input: "of ${needs.page}" }],
    ["a settled need", { join: "settled", when: "needs.page.status == 'failed' || needs.page.output.ok" }],
    ["a module", { run: { uses: "./steps.mjs#run" }, undo: { uses: "/srv/a-b/c.ts#$undo" } }],
  ])("%s is welcome", (_, step) => {
    expect(toldOf(step)).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      "a need there is not",
      { when: "needs.pag.ok" },
      ".when: there is no need pag, at character 1: needs.pag. Did you mean page?",
    ],
    ["a condition that is none", { when: "input.sku" }, ".when: expected a bool, and this is a string"],
    ["an expression that is none", { when: "needs.page >" }, ".when: unexpected token: EOF"],
    ["outputs of steps inside", { when: "steps.fetch.ok" }, ".when: there is no name steps, at character 1: steps"],
    [
      "a property there is not",
      { input: { a: ["x ${input.sk}"] } },
      ".input.a[0]: there is no property sk. Did you mean sku?",
    ],
    ["a type error in a template", { input: "${input.sku + 1}" }, ".input: no such overload: string + int"],
    ["an expression without an end", { input: "${input" }, '.input: a ${ without its }, in "${input"'],
    [
      "a member of a settled need",
      { join: "settled", when: "needs.page.ok" },
      ".when: there is no member of a settled need ok",
    ],
    ["a URL", { run: { uses: "https://example.org/a.mjs#run" } }, ".run.uses: expected a module by its path"],
    ["a package", { run: { uses: "lodash#map" } }, ".run.uses: expected a module by its path"],
    ["a module without an export", { undo: { uses: "./a.mjs" } }, ".undo.uses: expected a module by its path"],
    ["a file that is no module", { run: { uses: "./a.json#x" } }, ".run.uses: expected a module by its path"],
  ])("%s is told", (_, step, message) => {
    const [first, ...others] = toldOf(step);
    expect(first).toContain(`$.steps.s${message}`);
    expect(others).toEqual([]);
  });

  test("a choice is a text, and its branches see what it needs", () => {
    const inside = (text: string) => ({ steps: { t: { ...task, input: text } }, output: { t: "${steps.t.n + 1}" } });
    const choose = (by: string, text: string) =>
      toldOf({ kind: "choose", run: undefined, join: "settled", by, branches: { a: inside(text) } });
    expect(choose("needs.page.status == 'completed' ? 'a' : 'b'", "${needs.page.output.x}")).toEqual([]);
    expect(choose("needs.page.status == 'completed'", "")).toEqual([
      "$.steps.s.by: expected a string, and this is a bool",
    ]);
    expect(choose("'a'", "${needs.page.outpt}")[0]).toContain("there is no member of a settled need outpt");
  });

  test("an output sees the steps of its scope, and no needs", () => {
    const output = (text: string) => told({ ...head, steps: { a: task }, output: text });
    expect(output("${steps.a.total * 2} of ${input.sku}")).toEqual([]);
    expect(output("${steps.b.total}")[0]).toContain("$.output: there is no step b");
    expect(output("${needs.a.total}")[0]).toContain("$.output: there is no name needs");
    expect(output("${needs.a}")).toEqual(['$.output: expected ${input} or ${steps.<name>} here, not "${needs.a}"']);
  });
});

describe("agents of a definition", () => {
  const agents = (...list: unknown[]) => told({ ...head, agents: list, steps: { a: task } });
  const card = { id: "a", capabilities: [], version: "1.0.0" };

  test("are functions of modules, or programs", () => {
    const process = { command: ["/usr/bin/wc", "-c", "-c"], env: { LANG: "C" }, cwd: ".", signalGraceMs: 100 };
    expect(agents({ ...card, uses: "./a.mjs#a", tags: ["x"], maxConcurrency: 2, name: "A" })).toEqual([]);
    expect(agents({ ...card, process }, { ...card, id: "b", uses: "../b.js#b" })).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ["no list", 7, "$.agents: expected a list of agents, not 7"],
    ["neither", [card], "$.agents[0]: expected uses or process, exactly one of them"],
    [
      "a version that is none",
      [{ ...card, version: "^1", uses: "./a.mjs#a" }],
      '$.agents[0].version: expected a version such as 1.2.0, not "^1"',
    ],
    [
      "no program",
      [{ ...card, process: { command: [] } }],
      "$.agents[0].process.command: expected a list that is not empty, not []",
    ],
    [
      "a shell line",
      [{ ...card, process: { command: "wc -c" } }],
      '$.agents[0].process.command: expected a list that is not empty, not "wc -c"',
    ],
    [
      "a number in the environment",
      [{ ...card, process: { command: ["x"], env: { A: 1 } } }],
      "$.agents[0].process.env.A: expected a text, not 1",
    ],
    [
      "one id twice",
      [
        { ...card, uses: "./a.mjs#a" },
        { ...card, uses: "./a.mjs#b" },
      ],
      '$.agents[1].id: there are two agents "a"',
    ],
  ])("%s is told", (_, list, message) => {
    expect(told({ ...head, agents: list, steps: { a: task } })).toEqual([message]);
  });
});
