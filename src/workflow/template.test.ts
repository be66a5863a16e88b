import { describe, expect, test } from "vitest";
import { fillTemplate, needReference, parseReference, partsOf, stepReference, visitTexts } from "./template.ts";

describe("a reference", () => {
  test.each([
    ["${input}", { root: "input" }],
    ["${steps.fetch}", { root: "steps", name: "fetch" }],
    ["${needs.page_2}", { root: "needs", name: "page_2" }],
    ['${steps["a-b"]}', { root: "steps", name: "a-b" }],
    ['${needs["1.2"]}', { root: "needs", name: "1.2" }],
  ])("%s stands for a value", (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
  });

  test.each([
    "input",
    "${input.sku}",
    "${steps}",
    "${steps.a.b}",
    "${steps.a-b}",
    " ${input}",
    "${input} ",
    "${vars.x}",
    "${}",
    "${steps[a]}",
  ])("%j is only a text", (text) => {
    expect(parseReference(text)).toBeUndefined();
  });

  test("is written so that it is read again, for every name a step may have", () => {
    for (const id of ["fetch", "a-b", "1", "a.b", "_", "steps"]) {
      expect(parseReference(stepReference(id))).toEqual({ root: "steps", name: id });
      expect(parseReference(needReference(id))).toEqual({ root: "needs", name: id });
    }
    expect([stepReference("a"), stepReference("a-b")]).toEqual(["${steps.a}", '${steps["a-b"]}']);
  });
});

describe("filling", () => {
  const values: Record<string, unknown> = { a: { x: "${steps.b}" }, b: [1] };
  const fill = (template: Parameters<typeof fillTemplate>[0]) =>
    fillTemplate(template, (reference) => ("name" in reference ? values[reference.name] : "the input") as never);

  test("puts values in place of references, at any depth, with their type", () => {
    expect(fill({ list: ["${steps.b}", { in: "${input}" }], plain: "steps.b", n: 1, none: null })).toEqual({
      list: [[1], { in: "the input" }],
      plain: "steps.b",
      n: 1,
      none: null,
    });
    expect(fill("${steps.b}")).toEqual([1]);
  });

  test("never looks into what it puts in", () => {
    expect(fill("${steps.a}")).toEqual({ x: "${steps.b}" });
  });

  test("keeps a member of any name, and touches no prototype", () => {
    const filled = fill(JSON.parse('{"__proto__": "${steps.b}", "constructor": 1}') as never);
    expect(JSON.stringify(filled)).toBe('{"__proto__":[1],"constructor":1}');
  });

  test("leaves what has no value out of objects; elsewhere it is null", () => {
    expect(fill({ gone: "${steps.z}", list: ["${steps.z}"] })).toEqual({ list: [null] });
    expect(fill("${steps.z}")).toBeNull();
  });

  test("puts references into a text: texts as they are, other values as JSON, nothing for no value", () => {
    expect(fill("a ${input}, ${steps.b}${steps.z}.")).toBe("a the input, [1].");
    expect(fill("$${input} costs 5$ or $5 {}")).toBe("${input} costs 5$ or $5 {}");
  });

  test("asks for every other expression, and keeps its type where it stands alone", () => {
    const evaluate = (expression: string) =>
      new Map<string, string | number>([
        ["1 + 1", 2],
        ["{'a': '}'}.a", "}"],
      ]).get(expression);
    const evaluated = (template: string) => fillTemplate(template, () => null, evaluate);
    expect(evaluated("${1 + 1}")).toBe(2);
    expect(evaluated("= ${1 + 1}${{'a': '}'}.a}")).toBe("= 2}");
    expect(evaluated("${gone}")).toBeNull();
  });

  test("fails for an expression where there are none", () => {
    expect(() => fill("${1 + 1}")).toThrow("expressions are not understood here: 1 + 1");
  });
});

describe("the pieces of a text", () => {
  test.each<[string, unknown]>([
    ["plain", []],
    ["${a}", [{ expression: "a" }]],
    ["x${{'k': {}}}y", [{ text: "x" }, { expression: "{'k': {}}" }, { text: "y" }]],
    [`\${'}' + "}" + '\\'}'}`, [{ expression: `'}' + "}" + '\\'}'` }]],
    ["${r'\\' + '}'}", [{ expression: "r'\\' + '}'" }]],
    ["${'''}'}'''}", [{ expression: "'''}'}'''" }]],
    ["${needs.a}${b}", [{ expression: "needs.a", reference: { root: "needs", name: "a" } }, { expression: "b" }]],
    ["a$${b}c", [{ text: "a${b}c" }]],
    ["$${${x}", [{ text: "${" }, { expression: "x" }]],
    ["cost: 5$", []],
  ])("of %j", (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  test.each(["${", "a ${b", "${{}", "${'}", '${"a\\"}'])("%j is not ended", (text) => {
    expect(partsOf(text)).toHaveProperty("problem");
  });
});

test("every text of a template is visited, with its path", () => {
  const seen: string[] = [];
  visitTexts({ a: ["x", { "b-c": "y" }], n: 1, none: null }, "$", (text, path) => seen.push(`${path} ${text}`));
  expect(seen).toEqual(["$.a[0] x", '$.a[1]["b-c"] y']);
});
