import { describe, expect, test } from "vitest";
import { canRedraw, hasColour, lookOf } from "./look.ts";
import { table } from "./table.ts";

const terminal = { isTerminal: true };
const pipe = { isTerminal: false };

describe("colour", () => {
  test.each([
    [{}, terminal, "auto", true],
    [{}, pipe, "auto", false],
    [{ NO_COLOR: "1" }, terminal, "auto", false],
    [{ NO_COLOR: "" }, terminal, "auto", true],
    [{ TERM: "dumb" }, terminal, "auto", false],
    [{ FORCE_COLOR: "1" }, pipe, "auto", true],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, pipe, "auto", true],
    [{ FORCE_COLOR: "0" }, terminal, "auto", false],
    [{ NO_COLOR: "1" }, pipe, "always", true],
    [{ FORCE_COLOR: "1" }, terminal, "never", false],
  ] as const)("%j on %j with --color %s: %s", (env, sink, colour, has) => {
    expect(hasColour(env, sink, colour)).toBe(has);
  });
});

test.each([
  [{}, terminal, true],
  [{}, pipe, false],
  [{ CI: "true" }, terminal, false],
  [{ CI: "false" }, terminal, true],
  [{ TERM: "dumb" }, terminal, false],
  [{ NO_COLOR: "1" }, terminal, true],
] as const)("redrawing with %j on %j: %s", (env, sink, can) => {
  expect(canRedraw(env, sink)).toBe(can);
});

test("a state is a sign and a word, in ASCII where the locale is not UTF-8", () => {
  const utf8 = lookOf({ LANG: "de_DE.UTF-8" }, false);
  const ascii = lookOf({ LC_ALL: "C", LANG: "de_DE.UTF-8" }, false);
  expect([utf8.state("failed"), ascii.state("failed"), ascii.state("pending")]).toEqual([
    "✖ failed",
    "x failed",
    ". pending",
  ]);
  expect(lookOf({}, true).state("failed")).toBe("\u001b[31mx failed\u001b[39m");
});

describe("a table", () => {
  const look = { dim: (text: string) => text, cut: "…" };

  test("is as wide as what is in it", () => {
    expect(
      table(
        ["ID", "NAME"],
        [
          ["1", "世界"],
          ["22", "b\u001b"],
        ],
        look,
        80,
      ),
    ).toBe(["ID  NAME", "1   世界", String.raw`22  b\u001b`, ""].join("\n"));
  });

  test("gives way from the last column on, but for the first and for states, and every line fits the terminal", () => {
    const state = { text: "completed", paint: (text: string) => text.toUpperCase() };
    const text = table(["ID", "STATE", "WHAT", "WHY"], [["run_1", state, "x".repeat(30), "y".repeat(50)]], look, 40);
    expect(text.split("\n")[1]).toBe(`run_1  COMPLETED  ${"x".repeat(11)}…  ${"y".repeat(7)}…`);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(40);
  });
});
