import { describe, expect, test } from "vitest";
import { TaskError } from "../errors.ts";
import { checkExpression, evaluateExpression, type ExpressionScope } from "./expression.ts";

const view = {
  input: { n: 7, half: 0.5, name: "Ada", list: [1, 2, 3], nested: { deep: [{ id: "x" }] }, none: null, yes: true },
  needs: { page: { items: [{ price: 5 }, { price: 20 }], ok: true } },
  vars: { limit: 10 },
  run: { id: "run_1", tags: ["q2"], metadata: { who: "me" } },
};
const value = (text: string): unknown => evaluateExpression(text, view);

describe("an expression", () => {
  test.each<[string, unknown]>([
    ["input.n + 1", 8],
    ["input.n - 1 + input.half", 6.5],
    ["7 / 2", 3.5],
    ["input.n / 2", 3.5],
    ["size(input.list) / 2", 1.5],
    ["input.n % 4", 3],
    ["2 * input.half", 1],
    ["input.n == 7 && input.n > 6.5 && 7 == input.n", true],
    ["size(input.list) == 3", true],
    ["3 in input.list", true],
    ["input.list[1]", 2],
    ["input.list[size(input.list) - 1]", 3],
    ["input.nested.deep[0].id", "x"],
    ["input.none == null", true],
    ["needs.page.items.filter(i, i.price > vars.limit).size()", 1],
    ["needs.page.items.map(i, i.price * 2)", [10, 40]],
    ["needs.page.items.exists(i, i.price == 20)", true],
    ["run.tags.exists(t, t == 'q2') ? run.id : 'none'", "run_1"],
    ["{'a': [1, 'b', null], 'c': input.half}", { a: [1, "b", null], c: 0.5 }],
    ["has(needs.gone)", false],
    ["has(input.nested.deep)", true],
    ["needs.?gone.orValue('nothing')", "nothing"],
    ["needs.?gone", undefined],
    ["'Hello ' + input.name", "Hello Ada"],
    ["string(input.n)", "7"],
    ["timestamp('2026-11-21T00:00:00Z')", "2026-11-21T00:00:00.000Z"],
    ["input.name.startsWith('A') || input.gone", true],
  ])("%s is %j", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  test.each([
    ["needs.gone", "no such key: gone"],
    ["input.n / 0", "division by zero"],
    ["1.0 / (input.n - 7)", "division by zero"],
    ["input.name + input.n", "no such overload"],
    ["9007199254740993", "not exact as a JSON number"],
    ["1e308 * 10", "Infinity is not a JSON number"],
    ["b'x'", "not JSON"],
    ["type(input.n)", "not JSON"],
    ["input.list[9]", "index out of bounds"],
  ])("%s fails as a validation_error that shows it", (text, problem) => {
    expect(() => value(text)).toThrow(TaskError);
    expect(() => value(text)).toThrow(problem);
    expect(() => value(text)).toThrow(`the expression ${text}: `);
  });

  test("that is a condition or a choice fails when it is of another type, and is never taken for one", () => {
    expect(evaluateExpression("input.yes", view, "bool")).toBe(true);
    expect(evaluateExpression("input.name", view, "string")).toBe("Ada");
    expect(() => evaluateExpression("input.n", view, "bool")).toThrow("expected a bool, and this is 7");
    expect(() => evaluateExpression("input.?gone", view, "string")).toThrow("expected a string");
  });

  test("reads data that has a member called constructor", () => {
    const race = { constructor: "McLaren", points: 3, laps: [{ constructor: { name: "x" }, n: 1 }] };
    const on = (text: string) => evaluateExpression(text, { ...view, input: race });
    expect(on("input.points")).toBe(3);
    expect(on("input.constructor")).toBe("McLaren");
    expect(on("input.laps.filter(l, l.constructor.name == 'x')")).toEqual(race.laps);
    expect(on("has(input.constructor) && size(input) == 3")).toBe(true);
    expect(() => on("input.laps[0].constructor.constructor")).toThrow("no such key");
  });

  test("passes values of the view on as they are", () => {
    expect(value("input")).toEqual(view.input);
    expect(value("[input.none, needs]")).toEqual([null, view.needs]);
  });
});

const schema = {
  type: "object",
  properties: {
    sku: { type: "string" },
    count: { type: "integer" },
    ok: { type: "boolean" },
    lines: {
      type: "array",
      items: { type: "object", properties: { text: { type: "string" } }, additionalProperties: false },
    },
  },
  additionalProperties: false,
} as const;
const scope: ExpressionScope = {
  needs: new Map([
    ["page", "value"],
    ["price", "settled"],
  ]),
  input: schema,
};
const check = (text: string, expected: "bool" | "string" | "any" = "any") => checkExpression(text, scope, expected);

describe("checking, before anything runs", () => {
  test.each([
    "needs.page.items.size() > 10",
    "needs.price.status == 'completed' ? needs.price.output.total : 0",
    "input.sku + '!'",
    "input.count + 1 == 3 && input.count > 2.5",
    "input.count in [1, 2]",
    "input.lines.filter(l, l.text.startsWith('a')).size() == 2",
    "has(input.sku) && has(needs.page)",
    "needs.?page.?x.orValue(3)",
    "run.tags.size() + vars.n",
    "input.lines.map(page, page.text)",
    "needs.page.map(k, k)",
    "'}' == \"}\"",
  ])("%s is accepted", (text) => {
    expect(check(text)).toBeUndefined();
  });

  test.each([
    ["needs.pge.items", "there is no need pge", "pge"],
    ["needs['pge']", "there is no need pge", "pge"],
    ["has(needs.pge)", "there is no need pge", "pge"],
    ["needs.price.statu == 'x'", "there is no member of a settled need statu", "statu"],
    ["input.skuu", "there is no property skuu", "skuu"],
    ["input.lines.exists(l, l.txt == 'a')", "there is no property txt", "txt"],
    ["inpt.sku", "there is no name inpt", "inpt"],
    ["steps.page", "there is no name steps", "steps"],
    ["run.idd", "there is no member of run idd", "idd"],
  ])("%s: %s", (text, message, name) => {
    const problem = check(text);
    expect(problem?.message).toContain(message);
    expect(problem?.meant?.name).toBe(name);
  });

  test.each([
    ["input.sku + 1", "no such overload: string + int"],
    ["input.sku > 3", "no such overload: string > int"],
    ["!input.sku", "no such overload: !string"],
    ["input.ok / 2", "a bool cannot be divided"],
    ["1 +", "unexpected token"],
    ["", "unexpected token"],
    ["nothing(1)", "found no matching overload for 'nothing(int)'"],
    ["input.sku.matches('(a+)+$')", "matches is not offered"],
    ["matches(input.sku, 'a')", "matches is not offered"],
    ["input.lines.all(a, input.lines.all(b, input.lines.all(c, true)))", "may hold no third one"],
    ["[1].map(a, cel.bind(b, a, [2].map(c, b)))", "may hold no third one"],
  ])("%s is refused", (text, message) => {
    expect(check(text)?.message.toLowerCase()).toContain(message.toLowerCase());
  });

  test.each([
    ["nested deeply", "(".repeat(40) + "1" + ")".repeat(40), "depth"],
    ["of many parts", Array.from({ length: 400 }, () => "1").join(" + "), "nodes"],
    ["of many characters", `'${"x".repeat(20_000)}'`, "at most 16384 characters"],
  ])("one %s is refused", (_, text, message) => {
    expect(check(text)?.message.toLowerCase()).toContain(message);
  });

  test("a condition is a bool and a choice a string, or not known before", () => {
    expect(check("needs.page", "bool")).toBeUndefined();
    expect(check("input.ok", "bool")).toBeUndefined();
    expect(check("input.sku", "bool")?.message).toBe("expected a bool, and this is a string");
    expect(check("input.ok ? 'a' : 'b'", "string")).toBeUndefined();
    expect(check("1 < 2", "string")?.message).toBe("expected a string, and this is a bool");
  });

  test("the place is told", () => {
    expect(check("1 < 2 && needs.pge")?.message).toBe("there is no need pge, at character 10: needs.pge");
  });
});
