import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { randomExpression, VIEW } from "../../test/expressions/random.ts";
import { TaskError } from "../errors.ts";
import { seeded } from "../std/random.ts";
import { evaluateExpression } from "./expression.ts";

const view = {
  input: {
    list: Array.from({ length: 300 }, (_, i) => i),
    rows: Array.from({ length: 100_000 }, (_, i) => ({ a: i })),
    text: "a".repeat(100_000),
    long: "x".repeat(5_000_000),
    digits: "1".repeat(100_000),
    texts: Array.from({ length: 1_000 }, () => "z".repeat(1_000)),
    at: "2026-01-01T00:00:00Z",
  },
  needs: {},
  vars: {},
  run: {},
};
const BOUND = "it takes more than 10000 operations";

describe("what an expression may cost", () => {
  test.each([
    "input.list.all(a, input.list.all(b, a == b || a != b))",
    "input.list.exists(a, input.list.exists(b, input.gone)) || true",
    "input.rows.all(a, true)",
    "input.rows == input.rows",
    "{'a': -1} in input.rows",
    "input.long.split('')",
    "input.long.contains('y')",
    "input.list.map(i, input.text < input.text)",
    "input.list.map(i, input.texts.join(','))",
    "input.list.map(i, timestamp(input.at).getHours('America/New_York'))",
    "duration(input.digits)",
    "input.rows + input.rows",
  ])("%s ends at the limit", (text) => {
    expect(() => evaluateExpression(text, view)).toThrow(BOUND);
  });

  test.each(["input.list.map(i, input.rows)", "[input.long]", "input.text.split('')"])("%s makes too much", (text) => {
    expect(() => evaluateExpression(text, view)).toThrow("the value is too large");
  });

  test("what is only passed on may be as large as it is", () => {
    expect(evaluateExpression("input.rows", view)).toEqual(view.input.rows);
    expect(evaluateExpression("input['long']", view)).toBe(view.input.long);
  });

  test("an ordinary list of a thousand is no problem", () => {
    const items = Array.from({ length: 1_000 }, (_, price) => ({ price }));
    expect(evaluateExpression("input.filter(i, i.price >= 990).size()", { ...view, input: items })).toBe(10);
  });
});

/** Ways out of such languages that were found elsewhere. */
const ESCAPES = [
  "input.constructor",
  "input['constructor']",
  "input.__proto__",
  "input['__proto__']['constructor']",
  "input.list.constructor.constructor('return process')()",
  "''.constructor",
  "'a'.__proto__.constructor",
  "[].map.constructor",
  "{}.constructor",
  "{'a': 1}.__proto__",
  "input.toString()",
  "input.valueOf()",
  "input.hasOwnProperty('list')",
  "input.list.push(1)",
  "input.list.length",
  "process.exit()",
  "globalThis",
  "global.process",
  "this",
  "this.constructor",
  "require('fs')",
  "import('fs')",
  "eval('1')",
  "Function('return 1')()",
  "cel.constructor",
  "google.constructor",
  "google.protobuf.Timestamp.constructor",
  "optional.constructor",
  "optional.of(1).constructor",
  "type(1).constructor",
  "timestamp(input.at).constructor",
  "timestamp(input.at).getTime()",
  "run.constructor.constructor",
  "input.list.map(constructor, constructor.constructor)",
  "input.list.map(__proto__, __proto__)",
  "cel.bind(constructor, input, constructor.constructor)",
  "input.?constructor.value()",
  "has(input.constructor) || has(input.__proto__)",
  "(() => 1)()",
  "`${input}`",
  "input; 1",
  "a = 1",
  "input.list[0] = 1",
  "new Date()",
  "b'a'.constructor",
];

function outcome(text: string, seen: unknown): unknown {
  try {
    return evaluateExpression(text, seen);
  } catch (thrown) {
    if (thrown instanceof TaskError && thrown.kind === "validation_error") return "refused";
    throw thrown;
  }
}

describe("there is no way to JavaScript", () => {
  test.each(ESCAPES)("%s", (text) => {
    const before = JSON.stringify(view);
    // Some are well-formed expressions after all: of no value, or false.
    expect([undefined, false, "refused"]).toContain(outcome(text, view));
    expect(JSON.stringify(view)).toBe(before);
  });

  test("however an expression is put together: it gives JSON, or a validation_error", () => {
    const random = seeded(7);
    const texts = Array.from({ length: 5_000 }, () => randomExpression(random));
    const wrong = texts.filter((text) => {
      const value = outcome(text, VIEW);
      return value !== undefined && !isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
    });
    expect(wrong).toEqual([]);
  });
});
