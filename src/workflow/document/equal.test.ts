import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { verifies } from "../../../test/verifies.ts";
import { canonicalJson, type Json, type JsonObject } from "../../std/json.ts";
import { workflow } from "../define.ts";
import type { WorkflowDefinition } from "../definition.ts";
import { checkInput } from "../input.ts";
import { documentSchema } from "./grammar.ts";
import { readDocument } from "./read.ts";

const schema = JSON.parse(JSON.stringify(documentSchema())) as JsonObject;

function canonical(definition: WorkflowDefinition | undefined): string {
  return canonicalJson(definition as unknown as Json);
}

describe("a workflow is the same however it is written", () => {
  test("in TypeScript and as a document, but for the names of its functions", verifies("000-F026"), async () => {
    const built = workflow(
      { id: "w", version: "1", concurrency: 2, timeout: "1h", retry: { max_attempts: 2 }, onFailure: "fail" },
      (w) => {
        const fetch = w.task("fetch", { input: { all: "${input}" }, run: () => ({ ok: true }), timeout: "30s" });
        const price = w.task("price", { needs: { page: fetch }, agent: "pricer", priority: "urgent", join: "settled" });
        const tax = w.task("tax", { needs: { fetch }, type: "tax", onError: { timeout: { fallback: "pricer" } } });
        const route = w.choose("route", {
          needs: { tax },
          by: () => "yes",
          branches: { yes: (b) => b.task("ship", { agent: { capability: "ship", version: "^1" } }) },
        });
        return { price, route };
      },
    );
    const written = `
tutti: "1"
id: w
version: "1"
concurrency: 2
timeout: 3600000
retry: { maximumAttempts: 2 }
steps:
  route:
    needs: [tax]
    choose: BY
    branches: { yes: { ship: { agent: { capabilities: [ship], version: ^1 } } } }
  tax: { needs: [fetch], type: tax, onError: { timeout: { fallback: { id: pricer } } } }
  price: { needs: { page: fetch }, agent: pricer, priority: critical, join: settled }
  fetch: { uses: "./s.mjs#fetch", input: { all: "\${input}" }, timeout: { startToClose: 30s } }
output: { price: "\${steps.price}", route: "\${steps.route}" }
`;
    const { definition } = await readDocument(written.replace("BY", `"'yes'"`), { format: "yaml" });
    const plain = canonical(definition)
      .replace('{"uses":"./s.mjs#fetch"}', '{"code":"fetch.run"}')
      .replace(`"by":"'yes'"`, '"by":{"code":"route.by"}');
    // The one branch has one step, which the builder names as its output and the document leaves to the default.
    expect(plain).toBe(canonical(built.definition).replace('"output":"${steps.ship}",', ""));
  });

  test("in YAML and in JSON, whatever it is, and the schema for editors accepts it", async () => {
    await fc.assert(
      fc.asyncProperty(documents(), async ({ written, expected }) => {
        const json = await readDocument(JSON.stringify(written), { format: "json" });
        const yaml = await readDocument(stringify(written), { format: "yaml" });
        expect(json.problems).toEqual([]);
        expect(canonical(json.definition)).toBe(canonicalJson(expected));
        expect(canonical(yaml.definition)).toBe(canonicalJson(expected));
        expect(await checkInput(schema, written)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** One way to write a member, and what it comes to. */
interface Way {
  readonly written: JsonObject;
  readonly expected: JsonObject;
}

const same = (member: JsonObject): Way => ({ written: member, expected: member });
const way = (written: JsonObject, expected: JsonObject): Way => ({ written, expected });

const work: readonly Way[] = [
  way({ uses: "./s.mjs#s" }, { run: { uses: "./s.mjs#s" } }),
  way({ agent: "cmo" }, { agent: { id: "cmo" } }),
  way({ agent: { capability: "x", tags: ["t"] } }, { agent: { capabilities: ["x"], tags: ["t"] } }),
  way({ type: "x" }, { type: "x", agent: { capabilities: ["x"] } }),
];
const options: readonly (readonly Way[])[] = [
  [way({ priority: "urgent" }, { priority: "critical" }), same({ priority: "low" }), way({ priority: "normal" }, {})],
  [
    way({ timeout: "1h30m" }, { timeout: { startToCloseMs: 5_400_000 } }),
    way({ timeout: { total: 5 } }, { timeout: { totalMs: 5 } }),
  ],
  [
    way({ retry: { max_attempts: 2 } }, { retry: { maximumAttempts: 2 } }),
    same({ retry: { maximumAttempts: 1, retryOn: [] } }),
  ],
  [
    same({ onError: { timeout: "skip" } }),
    way({ onError: { agent_error: { fallback: "x" } } }, { onError: { agent_error: { fallback: { id: "x" } } } }),
  ],
  [way({ undo: "./s.mjs#u" }, { undo: { uses: "./s.mjs#u" } })],
  [same({ estimateMs: 7 }), same({ estimateMs: 0.5 })],
  [same({ when: "input.n > 1" }), same({ when: "run.tags.size() == 0" })],
  [same({ description: "yes: {no}, 'maybe'\n# \"this\"" }), same({ phase: "2026-11-21" })],
];
const inputs: readonly Way[] = [
  same({ input: { a: [1, "x ${input.n}", null] } }),
  same({ input: "$${x}" }),
  same({ input: 7 }),
];

function ways(lists: readonly (readonly Way[])[]): fc.Arbitrary<Way> {
  return fc
    .tuple(...lists.map((list) => fc.option(fc.constantFrom(...list), { nil: same({}), freq: 2 })))
    .map((chosen) => way(merged(chosen, "written"), merged(chosen, "expected")));
}

function merged(chosen: readonly Way[], side: keyof Way): JsonObject {
  return Object.assign({}, ...chosen.map((one) => one[side])) as JsonObject;
}

function steps(depth: number): fc.Arbitrary<Way> {
  const task = fc
    .tuple(fc.constantFrom(...work), ways([...options, inputs]))
    .map((chosen) => way(merged(chosen, "written"), { kind: "task", ...merged(chosen, "expected") }));
  const choice = (): fc.Arbitrary<Way> =>
    fc
      .tuple(steps(depth - 1), ways(options))
      .map(([inner, { written, expected }]) =>
        way(
          { ...written, choose: "'x'", branches: { x: inner.written } },
          { ...expected, kind: "choose", by: "'x'", branches: { x: { steps: inner.expected } } },
        ),
      );
  const step = depth === 0 ? task : fc.oneof({ weight: 4, arbitrary: task }, { weight: 1, arbitrary: choice() });
  return fc.array(fc.tuple(step, fc.nat(3), fc.boolean()), { minLength: 1, maxLength: 6 }).map((list) => {
    const written: [string, JsonObject][] = [];
    const expected: [string, JsonObject][] = [];
    for (const [index, [one, reach, named]] of list.entries()) {
      const ids = Array.from({ length: Math.min(reach, index) }, (_, i) => `s-${index - 1 - i}`);
      const needs = Object.fromEntries(ids.map((id) => [named ? `n_${id}` : id, id]));
      const wired = ids.length === 0 ? {} : { needs };
      written.push([`s-${index}`, { ...one.written, ...(named ? wired : { needs: ids }) }]);
      expected.push([`s-${index}`, { ...one.expected, ...wired }]);
    }
    return way(Object.fromEntries(written), Object.fromEntries(expected));
  });
}

function documents(): fc.Arbitrary<{ readonly written: JsonObject; readonly expected: JsonObject }> {
  const head = { tutti: "1", id: "w", version: "1.10" };
  const more = ways([
    [same({ concurrency: 3 })],
    [way({ onFailure: "fail" }, {}), same({ onFailure: "partial" })],
    [way({ failFast: false }, {}), same({ failFast: true })],
    [way({ timeout: "7d" }, { timeoutMs: 604_800_000 })],
    [same({ input: { type: "object", properties: { n: { type: "number" } } } })],
    [same({ output: { n: "${input.n}", done: ["${steps['s-0']}"] } })],
    [
      way({ agents: [] }, {}),
      way(
        { agents: [{ id: "x", uses: "/a.js#a" }] },
        { agents: [{ id: "x", uses: "/a.js#a", capabilities: [], version: "0.0.0" }] },
      ),
    ],
  ]);
  return fc.tuple(more, steps(2)).map(([around, inner]) => ({
    written: { ...head, ...around.written, steps: inner.written },
    expected: { ...head, ...around.expected, steps: inner.expected },
  }));
}
