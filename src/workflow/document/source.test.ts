import { describe, expect, test } from "vitest";
import { readJson } from "./json.ts";
import { nearest, positionsIn, segmentsOf } from "./place.ts";
import { readYaml } from "./yaml.ts";

/** What is wrong, as `line:column message`. */
function told(read: typeof readYaml, text: string): string[] {
  const position = positionsIn(text);
  return read(text).problems.map(({ offset, message }) => {
    const { line, column } = position(offset);
    return `${line}:${column} ${message}`;
  });
}

describe("YAML", () => {
  test("is read as the JSON it is", () => {
    const text = `a: 1\nb: [x, 'y', "z", true, null, ~, -2.5]\nc: {d: no, e: 2026-11-21, 7: seven}\nf: |\n  two\n  lines\n`;
    expect(readYaml(text)).toMatchObject({
      problems: [],
      value: {
        a: 1,
        b: ["x", "y", "z", true, null, null, -2.5],
        c: { d: "no", e: "2026-11-21", 7: "seven" },
        f: "two\nlines\n",
      },
    });
  });

  test("an alias is what it stands for", () => {
    expect(readYaml("a: &x {n: 1}\nb: *x\nc: [*x, *x]").value).toEqual({
      a: { n: 1 },
      b: { n: 1 },
      c: [{ n: 1 }, { n: 1 }],
    });
    expect(readYaml("a: &x 1\nb: *x\nc: &x 2\nd: *x").value).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  test.each([
    ["a: 1\nb: 2\na: 3", ["3:1 the key a is there twice"]],
    ["a: {x: 1, x: 2}\na: 1", ["1:11 the key x is there twice", "2:1 the key a is there twice"]],
    ["a:\n\tb: 1", ["2:1 a tab cannot indent: use spaces"]],
    ["a: 9007199254740993", ["1:4 9007199254740993 is too large to be exact: write it as a text"]],
    ["a: .inf", ["1:4 .inf is not a JSON number"]],
    ["a: !mine 1", [expect.stringMatching(/ tags other than those of JSON are not understood/)]],
    ["a: !!binary aGk=", [expect.stringMatching(/ tags other than those of JSON are not understood/)]],
    ["a: &x [1]\nb: {<<: *x}", ["2:5 merge keys are not understood: write the members out"]],
    ["a: *x", ["1:4 there is no anchor x before this alias"]],
    ["a: &x [*x]", ["1:7 an alias cannot stand for what it is in"]],
    [
      "__proto__: 1\nb: {constructor: 2}",
      [
        "1:1 __proto__ cannot be a key: JavaScript has a meaning of its own for it",
        "2:5 constructor cannot be a key: JavaScript has a meaning of its own for it",
      ],
    ],
    ["? [a]\n: 1", ["1:3 expected a text as key"]],
    ["~: 1", ["1:1 expected a text as key"]],
    ["a: 1\n---\nb: 2", ["2:1 expected one document, and here a second begins"]],
    ["%YAML 1.1\n---\na: yes", ["1:1 expected YAML 1.2, not 1.1"]],
  ])("%j is refused", (text, expected) => {
    expect(told(readYaml, text)).toEqual(expected);
  });

  test.each([["a: [1"], ["a: 'x"], ["a: b: c"], ["a: 1\n b: 2"], ["@a"]])("%j is none", (text) => {
    expect(told(readYaml, text)[0]).toMatch(/^\d+:\d+ this is not YAML: /);
  });

  test.each([
    ["brackets", "[".repeat(20_000)],
    ["closed brackets", "[".repeat(20_000) + "]".repeat(20_000)],
    ["maps", "{a: ".repeat(20_000)],
    ["dashes", `${"- ".repeat(20_000)}a`],
    ["question marks", "? ".repeat(20_000)],
    ["indentation", Array.from({ length: 1_000 }, (_, i) => `${" ".repeat(i)}a:\n`).join("")],
    ["aliases", `${Array.from({ length: 120 }, (_, i) => `a${i}: &a${i} [${i === 0 ? 1 : `*a${i - 1}`}]`).join("\n")}`],
  ])("nested too deeply by %s is refused", (_, text) => {
    expect(told(readYaml, text)[0]).toMatch(/expected at most 100 values within each other$/);
  });

  test("of a hundred levels is read", () => {
    expect(told(readYaml, `${"[".repeat(99)}${"]".repeat(99)}`)).toEqual([]);
    expect(told(readYaml, Array.from({ length: 99 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""))).toEqual([]);
  });

  test("whose aliases multiply is refused", () => {
    const bomb = Array.from(
      { length: 30 },
      (_, i) => `a${i}: &a${i} [${i === 0 ? "1, 1" : `*a${i - 1}, *a${i - 1}`}]`,
    ).join("\n");
    expect(told(readYaml, bomb)).toEqual([expect.stringMatching(/aliases stand for more than 100000 values$/)]);
  });
});

describe("JSON", () => {
  test.each([
    ['{"a": 1, "a": 2}', ["1:10 the key a is there twice"]],
    ['{"a": {"__proto__": 1}}', ["1:8 __proto__ cannot be a key: JavaScript has a meaning of its own for it"]],
    ['{"a": 12345678901234567890}', ["1:7 12345678901234567890 is too large to be exact: write it as a text"]],
    ['{\n  "a": ]\n}', ["2:8 this is not JSON: unexpected token ']'"]],
    ['{"a": 1', ["1:8 this is not JSON: expected ',' or '}' after property value"]],
    ["[".repeat(20_000), ["1:101 expected at most 100 values within each other"]],
  ])("%j is refused", (text, expected) => {
    expect(told(readJson, text)).toEqual(expected);
  });
});

test("places are found by path, the nearest where there is none", () => {
  const yaml = `tutti: "1"\nsteps:\n  a-b: {needs: [x, y]}\n`;
  const json = `{"tutti": "1",\n"steps": {"a\\u002db": {"needs": ["x",\n"y"]}}}`;
  const at = (read: typeof readYaml, text: string, path: string) => {
    const { line, column } = positionsIn(text)(nearest(read(text).place!, segmentsOf(path)).start);
    return `${line}:${column}`;
  };
  const paths = ['$.steps["a-b"].needs[1]', '$.steps["a-b"].needs[7]', "$.steps.none.x", "$"];
  expect(paths.map((path) => at(readYaml, yaml, path))).toEqual(["3:20", "3:9", "2:1", "1:1"]);
  expect(paths.map((path) => at(readJson, json, path))).toEqual(["3:1", "2:24", "2:1", "1:1"]);
});
