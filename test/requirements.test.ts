/** The five designs' promises, one by one: which test proves each, or which part of the plan will. */
import { describe, expect, test } from "vitest";
import { citations, citationsIn } from "./house/citations.ts";
import { parse } from "./house/source.ts";
import { REQUIREMENTS, verifies } from "./verifies.ts";

const PARTS = ["kernel", "agents", "messages", "teams", "control", "server", "dashboard", "scale"];

describe("requirements", () => {
  test("all 573 are here, once, each with its part and how it is met", () => {
    expect(new Set(REQUIREMENTS.map(({ id }) => id)).size).toBe(573);
    const poor = REQUIREMENTS.filter(({ id, text, part, how, superseded }) => {
      const reasoned = superseded === undefined || superseded.length > 20;
      return !/^00[0-4]-F\d{3}$/.test(id) || !text || !how || !PARTS.includes(part) || !reasoned;
    });
    expect(poor, "an id as 000-F001, a text, a known part, a how; a superseded one says why").toEqual([]);
  });

  test("every citation can be read, and is of a requirement that exists", () => {
    const { counted, problems } = citations();
    expect(problems).toEqual([]);
    const known = new Map(REQUIREMENTS.map((requirement) => [requirement.id, requirement]));
    expect(counted.filter(({ id }) => !known.has(id))).toEqual([]);
    const superseded = counted.filter(({ id }) => known.get(id)?.superseded);
    expect(superseded, "superseded in requirements.json, yet cited: strike one of the two").toEqual([]);
  });

  test("an unknown id is refused when the test is made", () => {
    const cite: (id: string) => unknown = verifies;
    expect(() => cite("999-F999")).toThrow("999-F999");
  });

  // Tests as text, so that the scan reads them and this file's own are not mistaken for citations.
  test.each([
    ["counts", `test("a", verifies("000-F001", "000-F002"), () => {});`, ["000-F001", "000-F002"]],
    ["counts beside other options", `test("a", { ...verifies("000-F001"), timeout: 1 }, () => {});`, ["000-F001"]],
    ["counts in a table test", `test.each([1])("a %s", verifies("000-F001"), () => {});`, ["000-F001"]],
    ["counts in a describe", `describe("x", () => { it("a", verifies("000-F001"), () => {}); });`, ["000-F001"]],
    ["does not count when skipped", `test.skip("a", verifies("000-F001"), () => {});`, []],
    ["does not count when to do", `test.todo("a", verifies("000-F001"));`, []],
    ["does not count in a skipped table", `test.skip.each([1])("a", verifies("000-F001"), () => {});`, []],
    ["does not count in a skipped describe", `describe.skip("x", () => { test("a", verifies("000-F001")); });`, []],
  ])("a citation %s: %s", (_what, text, ids) => {
    const found = citationsIn(parse("src/a.test.ts", text));
    expect(found.counted.map(({ id }) => id)).toEqual(ids);
    expect(found.problems).toEqual([]);
  });

  test.each([
    ["outside a test", `const v = verifies("000-F001");`],
    ["inside a test's body", `test("a", () => { verifies("000-F001"); });`],
    ["with a computed id", `test("a", verifies(id), () => {});`],
    ["with a computed title", `test(title, verifies("000-F001"), () => {});`],
  ])("a citation %s is a problem: %s", (_what, text) => {
    expect(citationsIn(parse("src/a.test.ts", text)).problems).toHaveLength(1);
  });
});
