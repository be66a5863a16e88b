import { describe, expect, test } from "vitest";
import { verifies } from "../../../test/verifies.ts";
import { type DocumentFormat, readDocument } from "./read.ts";

const HEAD = 'tutti: "1"\nid: w\nversion: "1"\n';

/** What is wrong, as `line:column path: message`. */
async function told(text: string, format: DocumentFormat = "yaml"): Promise<string[]> {
  const { problems, definition } = await readDocument(text, { format });
  expect(definition === undefined).toBe(problems.length > 0);
  return problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

async function stepOf(yaml: string): Promise<unknown> {
  const steps = `steps:\n  a: { uses: "./s.mjs#a" }\n  b: { uses: "./s.mjs#b" }\n  s: ${yaml}\n`;
  const { problems, definition } = await readDocument(HEAD + steps, { format: "yaml" });
  expect(problems).toEqual([]);
  return definition?.steps["s"];
}

const RUN = { kind: "task", run: { uses: "./s.mjs#s" } };

describe("a step", () => {
  test.each<[string, object]>([
    ['{ uses: "./s.mjs#s" }', RUN],
    ['{ uses: "./s.mjs#s", undo: "./s.mjs#u" }', { ...RUN, undo: { uses: "./s.mjs#u" } }],
    ["{ agent: cmo }", { kind: "task", agent: { id: "cmo" } }],
    ["{ agent: { id: cmo, version: ^1 } }", { kind: "task", agent: { id: "cmo", version: "^1" } }],
    ["{ agent: { capability: tax, tags: [eu] } }", { kind: "task", agent: { capabilities: ["tax"], tags: ["eu"] } }],
    [
      "{ agent: { capabilities: [a, b], any: true } }",
      { kind: "task", agent: { capabilities: ["a", "b"], any: true } },
    ],
    ["{ type: tax }", { kind: "task", type: "tax", agent: { capabilities: ["tax"] } }],
    ["{ agent: cmo, type: tax }", { kind: "task", type: "tax", agent: { id: "cmo" } }],
    ['{ uses: "./s.mjs#s", needs: [a, b] }', { ...RUN, needs: { a: "a", b: "b" } }],
    ['{ uses: "./s.mjs#s", needs: { x: a } }', { ...RUN, needs: { x: "a" } }],
    ['{ uses: "./s.mjs#s", needs: [] }', RUN],
    ['{ uses: "./s.mjs#s", needs: [a], join: all, priority: medium }', { ...RUN, needs: { a: "a" } }],
    [
      '{ uses: "./s.mjs#s", needs: [a, b], join: { quorum: 1 }, rest: cancel }',
      { ...RUN, needs: { a: "a", b: "b" }, join: { quorum: 1 }, rest: "cancel" },
    ],
    [
      '{ uses: "./s.mjs#s", priority: urgent, estimateMs: 5, phase: p, description: d }',
      { ...RUN, priority: "critical", estimateMs: 5, phase: "p", description: "d" },
    ],
    ['{ uses: "./s.mjs#s", timeout: 30s }', { ...RUN, timeout: { startToCloseMs: 30_000 } }],
    [
      '{ uses: "./s.mjs#s", timeout: { scheduleToStart: 1h, startToClose: 500, total: 1h30m } }',
      { ...RUN, timeout: { scheduleToStartMs: 3_600_000, startToCloseMs: 500, totalMs: 5_400_000 } },
    ],
    [
      '{ uses: "./s.mjs#s", retry: { max_attempts: 5, initialInterval: 1s, backoff_multiplier: 3, retry_on: [timeout] } }',
      { ...RUN, retry: { maximumAttempts: 5, initialIntervalMs: 1_000, backoffCoefficient: 3, retryOn: ["timeout"] } },
    ],
    [
      '{ uses: "./s.mjs#s", onError: { timeout: { fallback: cmo }, agent_error: skip } }',
      { ...RUN, onError: { timeout: { fallback: { id: "cmo" } }, agent_error: "skip" } },
    ],
    [
      "{ needs: [a], choose: \"'x'\", branches: { x: { steps: { type: t } } } }",
      {
        kind: "choose",
        needs: { a: "a" },
        by: "'x'",
        branches: { x: { steps: { steps: { kind: "task", type: "t", agent: { capabilities: ["t"] } } } } },
      },
    ],
  ])("%s", async (yaml, step) => {
    expect(await stepOf(yaml)).toEqual(step);
  });
});

test("a workflow and its agents", verifies("000-F026"), async () => {
  const text = `
$schema: ./tutti.schema.json
tutti: "1"
id: w
version: "2"
description: for people
input: { type: object }
concurrency: 4
onFailure: partial
failFast: true
timeout: 1h
retry: { maximumAttempts: 1 }
onError: { timeout: fail }
agents:
  - { id: a, uses: "./a.mjs#a", maxConcurrency: 2, name: A, tags: [x] }
  - { id: b, capabilities: [count], version: 1.0.0, process: [/usr/bin/wc, -c] }
  - { id: c, process: { command: [./run.sh], env: { LANG: C }, cwd: ., signalGrace: 1s } }
steps: { s: { agent: a } }
output: "\${steps.s}"
`;
  expect((await readDocument(text, { format: "yaml" })).definition).toEqual({
    tutti: "1",
    id: "w",
    version: "2",
    description: "for people",
    input: { type: "object" },
    concurrency: 4,
    onFailure: "partial",
    failFast: true,
    timeoutMs: 3_600_000,
    retry: { maximumAttempts: 1 },
    onError: { timeout: "fail" },
    agents: [
      { id: "a", capabilities: [], version: "0.0.0", uses: "./a.mjs#a", maxConcurrency: 2, name: "A", tags: ["x"] },
      { id: "b", capabilities: ["count"], version: "1.0.0", process: { command: ["/usr/bin/wc", "-c"] } },
      {
        id: "c",
        capabilities: [],
        version: "0.0.0",
        process: { command: ["./run.sh"], env: { LANG: "C" }, cwd: ".", signalGraceMs: 1_000 },
      },
    ],
    steps: { s: { kind: "task", agent: { id: "a" } } },
    output: "${steps.s}",
  });
});

test("what is missing is told by its own name, an alias by that which was written", async () => {
  const steps = `steps:\n  type: { type: "" }\n  by: { agent: { capability: "" }, timeout: 0 }\n  steps: { type: t, needs: { kind: gone } }\n`;
  expect(await told(`tutti: "1"\nagents: [{ id: a, process: [""] }]\n${steps}`)).toEqual([
    "1:1 $.id: expected id, which is missing",
    "1:1 $.version: expected version, which is missing",
    '2:29 $.agents[0].process[0]: expected a text that is not empty, not ""',
    '4:11 $.steps.type.type: expected a text of 1 to 128 characters, not ""',
    '5:18 $.steps.by.agent.capability: expected a text of 1 to 128 characters, not ""',
    "5:36 $.steps.by.timeout: expected a number from 1 to 315360000000, not 0",
    '6:30 $.steps.steps.needs.kind: there is no step "gone" in this scope',
  ]);
});

test("all problems are told at once, each where it stands and as it was written", async () => {
  const text = `tutti: "1"
id: w
version: 1
timeout: soon
steps:
  fetch:
    uses: ./steps.mjs
    retry:
      max_attempts: 0
      maximumAtempts: 3
  price:
    needs: [fetc]
    agnt: pricer
    priority: hi
    when: needs.fetch.ok
  route:
    needs: [fetch]
    choose: needs.ftch.ok
    branches:
      yes:
        ship: { type: ship, estimateMs: -1 }
  both: { uses: "./a.mjs#a", agent: x }
  none: { description: does nothing }
output: { all: "\${steps.reprot}" }
`;
  expect(await told(text)).toEqual([
    '3:1 $.version: expected a text, in quotes: "1"',
    '4:1 $.timeout: expected a duration such as 500ms, 5m or 1h, not "soon"',
    '7:5 $.steps.fetch.uses: expected a module by its path (from ./, ../ or /, ending with .mjs, .js, .ts or .mts) and an export, ./steps.mjs#fetch, not "./steps.mjs"',
    "9:7 $.steps.fetch.retry.max_attempts: expected a whole number from 1 to 100000, not 0",
    "10:7 $.steps.fetch.retry.maximumAtempts: no such option. Did you mean maximumAttempts?",
    "11:3 $.steps.price: expected uses, agent or choose (or a type, which is then the capability it needs)",
    '12:13 $.steps.price.needs[0]: there is no step "fetc" in this scope. Did you mean fetch?',
    "13:5 $.steps.price.agnt: no such key. Did you mean agent?",
    '14:5 $.steps.price.priority: expected one of critical, high, normal, low, not "hi"',
    "15:5 $.steps.price.when: there is no need fetch, at character 1: needs.fetch. Did you mean fetc?",
    "18:5 $.steps.route.choose: there is no need ftch, at character 1: needs.ftch. Did you mean fetch?",
    "21:29 $.steps.route.branches.yes.ship.estimateMs: expected a number from 0 to 315360000000, not -1",
    "22:3 $.steps.both: give either uses or agent, not both",
    "23:3 $.steps.none: expected uses, agent or choose (or a type, which is then the capability it needs)",
    "24:11 $.output.all: there is no step reprot here",
  ]);
});

describe("a text that is no workflow", () => {
  test.each<[string, string, readonly string[]]>([
    ["empty", "", ["1:1 $: the file is empty: expected a workflow"]],
    ["of comments", "# nothing\n", ["1:1 $: the file is empty: expected a workflow"]],
    ["a list", "- a", ['1:1 $: expected { $schema, tutti, id, version, description, input, … }, not ["a"]']],
    ["indented by tabs", "tutti:\n\tx", ["2:1 $: a tab cannot indent: use spaces"]],
    ["with a key twice", `${HEAD}id: x\nsteps: { a: { type: t } }`, ["4:1 $: the key id is there twice"]],
    [
      "with a step of every object",
      `${HEAD}steps: { __proto__: { type: t } }`,
      ["4:10 $: __proto__ cannot be a key: JavaScript has a meaning of its own for it"],
    ],
    ["without steps", `${HEAD}steps: {}`, ["4:1 $.steps: expected at least one step"]],
    [
      "with a member of nothing",
      `${HEAD}steps: { a: { type: t } }\noutput:`,
      ["5:1 $.output: expected a value, and there is none"],
    ],
    [
      "with a step of nothing",
      `${HEAD}steps:\n  a:\n`,
      [expect.stringMatching(/^5:3 \$\.steps\.a: expected \{ .* not null$/)],
    ],
    [
      "with a wrong type deep inside",
      `${HEAD}steps:\n  a:\n    choose: "'x'"\n    branches: { x: { b: { type: [t] } } }`,
      ['7:27 $.steps.a.branches.x.b.type: expected a text of 1 to 128 characters, not ["t"]'],
    ],
    [
      "with an input that is code",
      `${HEAD}steps: { a: { type: t, input: { code: a.input } } }`,
      [expect.stringMatching(/^4:24 \$\.steps\.a\.input: an input cannot be \{ code \} alone/)],
    ],
  ])("%s", async (_, text, expected) => {
    expect(await told(text)).toEqual(expected);
  });

  test("of 4 MB and more is refused unread, naming JSON", async () => {
    const { problems } = await readDocument("x".repeat(5 * 1024 * 1024), { format: "yaml" });
    expect(problems).toEqual([
      { path: "$", message: "expected at most 4 MB of YAML, not 5 MB: write it as JSON, which may have 64 MB" },
    ]);
  });

  test("of more than 20,000 steps in YAML names JSON, which may have them", async () => {
    const steps = Object.fromEntries(Array.from({ length: 20_001 }, (_, i) => [`s${i}`, { type: "t" }]));
    const text = JSON.stringify({ tutti: "1", id: "w", version: "1", steps });
    expect(await told(text)).toEqual([
      "1:37 $.steps: expected at most 20000 steps in YAML, not 20001: write it as JSON, which may have more",
    ]);
    expect(await told(text, "json")).toEqual([]);
  });

  test("that is wrong throughout is told a hundred times, and how many more times it would be", async () => {
    const steps = Array.from({ length: 150 }, (_, i) => `  s${i}: { uses: "./s.mjs#s", agnt: x }`);
    const problems = await told(`${HEAD}steps:\n${steps.join("\n")}\n`);
    expect(problems).toHaveLength(101);
    expect(problems[0]).toBe("5:28 $.steps.s0.agnt: no such key. Did you mean agent?");
    expect(problems[100]).toBe("undefined:undefined $: and 50 more problems");
  });

  test("that goes round in a circle of a thousand is told in one line", async () => {
    const steps = Array.from({ length: 1_000 }, (_, i) => `  s${i}: { type: t, needs: [s${(i + 1) % 1_000}] }`);
    const [first, ...others] = await told(`${HEAD}steps:\n${steps.join("\n")}\n`);
    expect(first).toMatch(/^4:1 \$\.steps: the steps need each other in a cycle: s0 → .* … 981 more … .* → s0$/);
    expect(first?.length).toBeLessThan(300);
    expect(others).toEqual([]);
  });
});

describe("the stored form", () => {
  const stored = (run: object) =>
    JSON.stringify({ tutti: "1", id: "w", version: "1", steps: { a: { kind: "task", run } } });

  test("is read as it is where it names no functions", async () => {
    const { definition } = await readDocument(stored({ uses: "./a.mjs#a" }), { format: "json" });
    expect(definition?.steps["a"]).toEqual({ kind: "task", run: { uses: "./a.mjs#a" } });
  });

  test("with functions of a program is told to be just that", async () => {
    expect(await told(stored({ code: "a.run" }), "json")).toEqual([
      "1:1 $: this is the stored form of a workflow that was built in TypeScript, and its functions (a.run) are not in it: run it from the program that defines it",
    ]);
  });
});
