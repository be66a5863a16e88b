/** `tutti.schema.json`, for editors: what the reader refuses by its shape, the schema refuses too. */
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../std/json.ts";
import { checkInput } from "../input.ts";
import { jsonSchema } from "../json-schema.ts";
import { Problems } from "../problems.ts";
import { documentSchema } from "./grammar.ts";
import { readDocument } from "./read.ts";

const { $id: _, ...schema } = JSON.parse(JSON.stringify(documentSchema())) as JsonObject;
const head = { tutti: "1", id: "w", version: "1" };
const uses = "./s.mjs#s";

describe("the schema of documents", () => {
  test("is a schema", () => {
    const problems = new Problems();
    jsonSchema(schema, "$", problems);
    expect(problems.list()).toEqual([]);
  });

  test("tells what every key is for", () => {
    const silent: string[] = [];
    const look = (value: unknown, path: string): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, item] of Object.entries(value)) look(item, `${path}/${key}`);
      if (!("properties" in value)) return;
      for (const [key, item] of Object.entries(value.properties as object))
        if (typeof item.description !== "string" || item.description.length < 8) silent.push(`${path}/${key}`);
    };
    look({ ...schema, $defs: schema["$defs"] }, "#");
    // The one property that is a reference, described where it leads, and a small one that explains itself.
    expect(silent.filter((path) => !/\/(steps|quorum)$/.test(path))).toEqual([]);
  });

  const wrong: readonly Json[] = [
    {},
    [],
    { ...head },
    { ...head, steps: {} },
    { ...head, steps: { a: {} } },
    { ...head, steps: { a: { description: "does nothing" } } },
    { ...head, steps: { a: { uses, agent: "x" } } },
    { ...head, steps: { a: { uses: "lodash#map" } } },
    { ...head, steps: { a: { uses, agnt: "x" } } },
    { ...head, steps: { a: { uses, priority: "hi" } } },
    { ...head, steps: { a: { uses, timeout: "soon" } } },
    { ...head, steps: { a: { uses, timeout: { total: true } } } },
    { ...head, steps: { a: { uses, retry: { maximumAttempts: 0 } } } },
    { ...head, steps: { a: { uses, onError: { timeout: "retyr" } } } },
    { ...head, steps: { a: { uses, onError: { timeuot: "retry" } } } },
    { ...head, steps: { a: { uses, join: "some" } } },
    { ...head, steps: { a: { uses, needs: [1] } } },
    { ...head, steps: { a: { choose: "'x'" } } },
    { ...head, steps: { a: { branches: { x: { b: { uses } } } } } },
    { ...head, steps: { a: { choose: "'x'", branches: {} } } },
    { ...head, steps: { a: { choose: "'x'", branches: { x: { b: { agnt: 1 } } } } } },
    { ...head, steps: { a: { choose: "'x'", branches: { x: { b: { uses } } }, input: 1 } } },
    { ...head, steps: { "a b": { uses } } },
    { ...head, steps: { a: { uses } }, agents: [{ id: "x" }] },
    { ...head, steps: { a: { uses } }, agents: [{ id: "x", uses, process: ["y"] }] },
    { ...head, steps: { a: { uses } }, agents: [{ id: "x", process: { env: {} } }] },
    { ...head, steps: { a: { uses } }, onFailure: "go" },
    { ...head, steps: { a: { uses } }, concurrency: 0 },
    { ...head, tutti: 1, steps: { a: { uses } } },
    { ...head, id: "a b", steps: { a: { uses } } },
  ];

  test.each(wrong.map((document) => [JSON.stringify(document), document] as const))(
    "refuses %s, as the reader does",
    async (text, document) => {
      expect((await readDocument(text, { format: "json" })).problems).not.toEqual([]);
      expect(await checkInput(schema, document)).not.toEqual([]);
    },
  );
});
