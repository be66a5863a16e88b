import { describe, expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

describe("a duration", () => {
  test.each([
    [0, 0],
    [1_500, 1_500],
    [0.5, 0.5],
    ["500ms", 500],
    ["1.5s", 1_500],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["7d", 604_800_000],
    ["1h30m", 5_400_000],
    ["2d 3h".replace(" ", ""), 183_600_000],
    ["0s", 0],
  ])("%j is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "5",
    "5 m",
    "m",
    "-1s",
    "1e3s",
    "5M",
    "5min",
    "1.s",
    ".5s",
    "soon",
    -1,
    Number.NaN,
    Infinity,
    null,
    undefined,
    {},
    "9".repeat(400) + "d",
  ])("%j is none", (value) => {
    expect(parseDuration(value)).toBeUndefined();
  });
});
