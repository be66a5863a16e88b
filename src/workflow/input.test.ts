import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../std/json.ts";
import { checkInput } from "./input.ts";
import { jsonSchema } from "./json-schema.ts";
import { Problems } from "./problems.ts";

const schema: JsonObject = {
  type: "object",
  required: ["sku"],
  properties: {
    sku: { type: "string" },
    count: { $ref: "#/$defs/count" },
    lines: {
      type: "array",
      items: { type: "object", properties: { size: { enum: ["s", "m"] } }, additionalProperties: false },
    },
    note: { anyOf: [{ type: "string" }, { type: "null" }] },
    code: { type: "string", pattern: "^[a-z]+$" },
  },
  additionalProperties: false,
  $defs: { count: { type: "integer", minimum: 1 } },
};

async function told(input: Json, by: JsonObject = schema): Promise<string[]> {
  return (await checkInput(by, input)).map(({ path, message }) => `${path}: ${message}`);
}

describe("an input", () => {
  test("that fits is welcome", async () => {
    expect(await told({ sku: "a", count: 2, lines: [{ size: "m" }], note: null })).toEqual([]);
  });

  test("is told every place where it does not fit, and what was probably meant", async () => {
    const input = { skuu: 1, count: 0, lines: [{ size: "xl" }, { sise: "s" }, 7], note: 3, code: "A1", "a/b": 1 };
    expect((await told(input)).toSorted()).toEqual([
      '$.code: string does not match pattern, and this is "A1"',
      "$.count: 0 is less than 1, and this is 0",
      '$.lines[0].size: instance does not match any of ["s","m"], and this is "xl"',
      "$.lines[1].sise: there is no such property. Did you mean size?",
      "$.lines[2]: expected object, not 7",
      "$.note: expected string or null, not 3",
      "$.sku: expected sku, which is missing",
      "$.skuu: there is no such property. Did you mean sku?",
      '$["a/b"]: there is no such property',
    ]);
  });

  test("of another type altogether is told once", async () => {
    expect(await told([])).toEqual(["$: expected object, not []"]);
  });

  test("is checked again and again by a schema that nobody changes", async () => {
    const frozen = Object.freeze({ ...schema });
    const before = JSON.stringify(frozen);
    expect(await told({ sku: 1 }, frozen)).toEqual(await told({ sku: 1 }, frozen));
    expect(JSON.stringify(frozen)).toBe(before);
  });

  test("never hangs on a schema that is defined by itself", async () => {
    expect(await told({}, { $ref: "#" })).toEqual(["$: the schema refers to itself, and this is {}"]);
    const tree = { type: "object", properties: { next: { $ref: "#" } }, additionalProperties: false };
    expect(await told({ next: { next: { nxt: 1 } } }, tree)).toEqual([
      "$.next.next.nxt: there is no such property. Did you mean next?",
    ]);
  });
});

describe("a schema", () => {
  const problemsOf = (value: unknown) => {
    const problems = new Problems();
    jsonSchema(value, "$.input", problems);
    return problems.list().map(({ path, message }) => `${path}: ${message}`);
  };

  test("may use the language, and words for people", () => {
    expect(problemsOf(schema)).toEqual([]);
    expect(problemsOf({ "x-order": 1, if: true, then: { minLength: 1 }, prefixItems: [{}], default: null })).toEqual(
      [],
    );
  });

  test.each<[string, unknown, string]>([
    ["a type there is not", { type: "strng" }, "$.input.type: expected one of string"],
    ["types in words", { type: ["string", "text"] }, "$.input.type[1]: expected one of string"],
    ["a list of properties", { properties: ["a"] }, "$.input.properties: expected { name: schema }"],
    ["a property that is no schema", { properties: { a: "string" } }, "$.input.properties.a: expected a JSON Schema"],
    [
      "required as a flag",
      { properties: { a: { required: true } } },
      "$.input.properties.a.required: expected a list of texts",
    ],
    ["a keyword mistyped", { propertes: {} }, "$.input.propertes: no such keyword. Did you mean properties?"],
    ["no regular expression", { pattern: "(" }, "$.input.pattern: expected a regular expression"],
    ["another document", { $ref: "https://example.org/s" }, "$.input.$ref: expected a place in this schema"],
    [
      "a place that is not there",
      { items: { $ref: "#/$defs/x" } },
      "$.input.items.$ref: there is no #/$defs/x in this schema",
    ],
    ["an identity", { $id: "x" }, "$.input.$id: $id is not offered"],
    ["alternatives that are none", { anyOf: [] }, "$.input.anyOf: expected a list of schemas"],
    ["a bound in words", { minimum: "3" }, "$.input.minimum: expected a number"],
    ["no JSON", { default: 1n }, "$.input.default: expected JSON, not a BigInt"],
    ["no schema", 7, "$.input: expected a JSON Schema, not 7"],
  ])("%s is told", (_, value, message) => {
    const [first, ...others] = problemsOf(value);
    expect(first).toContain(message);
    expect(others).toEqual([]);
  });
});
