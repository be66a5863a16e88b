import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, encodeJson, type Json, MAX_DEPTH, memberPath } from "./json.ts";

/** Nested arrays, `depth` of them. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

describe("encoding", () => {
  test("is JSON.stringify's text for every JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        expect(encodeJson(value)).toEqual({ json: JSON.stringify(value) });
      }),
    );
  });

  test.each([
    ["undefined is null", undefined, "null"],
    ["a member that is undefined is left out", { a: undefined, b: 1 }, '{"b":1}'],
    ["an item that is undefined is null", [undefined], "[null]"],
    ["a Date is its text", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["what toJSON answers is encoded", { toJSON: () => ({ a: [1] }) }, '{"a":[1]}'],
    ["a Map has no members", { m: new Map([[1, 2]]) }, '{"m":{}}'],
    ["minus zero is zero", -0, "0"],
    ["the same object twice is no cycle", [[1], [1]].fill([2]), "[[2],[2]]"],
  ])("%s", (_, value, json) => {
    expect(encodeJson(value)).toEqual({ json });
  });

  const cyclic: Record<string, unknown> = { a: {} };
  (cyclic["a"] as Record<string, unknown>)["b"] = [cyclic];
  test.each([
    ["NaN", { a: [1, Number.NaN] }, "$.a[1]", "NaN is not a JSON number"],
    ["an infinity", Infinity, "$", "Infinity is not a JSON number"],
    ["a BigInt", { n: 1n }, "$.n", "a BigInt"],
    ["a function", { a: { f: () => 1 } }, "$.a.f", "a function"],
    ["a symbol", [Symbol.iterator], "$[0]", "a symbol"],
    ["a cycle", cyclic, "$.a.b[0]", "a cycle"],
    ["a lone surrogate", { t: "\ud800" }, "$.t", "a string with a lone surrogate"],
    ["a lone surrogate in a key", { a: { "\udc00": 1 } }, "$.a", "a key with a lone surrogate"],
    ["what toJSON answers", { x: { toJSON: () => 1n } }, "$.x", "a BigInt"],
    [
      "what toJSON answers when it is itself with a function",
      { "a-b": { toJSON: () => ({ f: () => 1 }) } },
      '$["a-b"].f',
      "a function",
    ],
    ["nesting", nested(MAX_DEPTH + 1), `$${"[0]".repeat(MAX_DEPTH)}`, `nesting over ${MAX_DEPTH}`],
  ])("%s is refused at its place", (_, value, path, problem) => {
    expect(encodeJson(value)).toEqual({ error: { path, problem } });
  });

  test(`nesting of ${MAX_DEPTH} is allowed`, () => {
    expect(encodeJson(nested(MAX_DEPTH))).toHaveProperty("json");
  });

  test("a toJSON that answers itself hides nothing", () => {
    class Own {
      n = 1n;
      toJSON(): this {
        return this;
      }
    }
    expect(encodeJson(new Own())).toEqual({ error: { path: "$.n", problem: "a BigInt" } });
  });

  test("a getter or toJSON that throws is an answer, not a throw", () => {
    const thrower = {
      get a(): never {
        throw new Error("no");
      },
    };
    expect(encodeJson(thrower)).toEqual({ error: { path: "$", problem: "could not be read: no" } });
    expect(
      encodeJson({
        toJSON() {
          throw "bare";
        },
      }),
    ).toEqual({ error: { path: "$", problem: "could not be read: bare" } });
  });

  test("shares nothing with the value", () => {
    const value = { a: [1] };
    const encoded = encodeJson(value);
    value.a.push(2);
    expect(encoded).toEqual({ json: '{"a":[1]}' });
  });

  test("a long list costs its length, not its square", () => {
    const list = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    expect(encodeJson(list)).toHaveProperty("json");
  });
});

describe("canonical JSON", () => {
  test("is the same text for the same value, whatever the order of keys", () => {
    const shuffled = (value: Json): Json =>
      value === null || typeof value !== "object"
        ? value
        : Array.isArray(value)
          ? value.map((item: Json) => shuffled(item))
          : Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, item]) => [key, shuffled(item as Json)]),
            );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = value as Json;
        expect(canonicalJson(shuffled(json))).toBe(canonicalJson(json));
        expect(JSON.parse(canonicalJson(json))).toEqual(JSON.parse(JSON.stringify(json)));
      }),
    );
  });

  test("orders keys by code unit and leaves out what is undefined", () => {
    expect(canonicalJson({ b: 1, a: [{ d: null, c: "x" }], B: undefined as unknown as Json })).toBe(
      '{"a":[{"c":"x","d":null}],"b":1}',
    );
    expect(canonicalJson({ é: 1, z: 2, Z: 3, "10": 4, "9": 5 })).toBe('{"10":4,"9":5,"Z":3,"z":2,"é":1}');
  });
});

test("a path names members plainly where it can", () => {
  expect(memberPath("$", "fetch")).toBe("$.fetch");
  expect(memberPath("$.steps", "a-b")).toBe('$.steps["a-b"]');
});
