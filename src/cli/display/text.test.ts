import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ageOf, clockOf, fit, pad, many, spanOf, visible, visibleJson, visibleLines, widthOf } from "./text.ts";

describe("nothing hidden is shown", () => {
  test.each([
    ["\u001b[2J", String.raw`\u001b[2J`],
    ["a\tb\r\n", String.raw`a\u0009b\u000d\u000a`],
    ["\u009b31m", String.raw`\u009b31m`],
    ["a\u202eb\u2066c", String.raw`a\u202eb\u2066c`],
    ["pass\u200bword\ufeff", String.raw`pass\u200bword\ufeff`],
    ["\u00ad\u3164\u034f", String.raw`\u00ad\u3164\u034f`],
    ["a\u2028b\u2029", String.raw`a\u2028b\u2029`],
    ["\u{e0041}", String.raw`\u{e0041}`],
    ["\ud800!", String.raw`\ud800!`],
    ["Grüße, 世界 😀 e\u0301", "Grüße, 世界 😀 e\u0301"],
  ])("%j", (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test("lines are kept where there may be lines", () => {
    expect(visibleLines("a\r\nb\u001b")).toBe("a\\u000d\nb\\u001b");
  });

  test("in JSON it means the same as before", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2), (text, indent) => {
        const value: unknown = JSON.parse(text);
        const shown = visibleJson(JSON.stringify(value, undefined, indent));
        expect(JSON.parse(shown)).toEqual(value);
        expect(shown.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
      }),
    );
    const value = { "k\u202e": "\u{e0041}\u007f\u2028\u001b" };
    expect(visibleJson(JSON.stringify(value))).toBe(String.raw`{"k\u202e":"\udb40\udc41\u007f\u2028\u001b"}`);
  });
});

test("width counts places: two for East Asian letters and emoji, none for marks", () => {
  expect(["abc", "世界", "😀", "e\u0301", ""].map(widthOf)).toEqual([3, 4, 2, 1, 0]);
  expect([pad("世", 4), pad("abcde", 3)]).toEqual(["世  ", "abcde"]);
});

test("what does not fit is cut, and that shows", () => {
  expect([fit("abcdef", 6), fit("abcdef", 5), fit("世界世界", 5), fit("abc", 0)]).toEqual([
    "abcdef",
    "abcd…",
    "世界…",
    "",
  ]);
});

test("times and counts read as people say them", () => {
  expect([0, 41_999, 61_000, 3_723_000].map(clockOf)).toEqual(["00:00", "00:41", "01:01", "1:02:03"]);
  expect([999, 59_000, 61_000, 7_300_000, 90_000_000].map(ageOf)).toEqual(["0 s", "59 s", "1 min", "2 h", "1 d"]);
  expect([many(0, "step"), many(1, "step"), many(2, "step")]).toEqual(["0 steps", "1 step", "2 steps"]);
  expect([12.4, 1_234, 184_000, 7_500_000].map(spanOf)).toEqual(["12 ms", "1.2 s", "3 min 4 s", "2 h 5 min"]);
});
