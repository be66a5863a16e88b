import { describe, expect, test } from "vitest";
import { isName, nearestName } from "./name.ts";

describe("names", () => {
  test.each(["a", "analyze_market", "v1.2-rc", "9", "_", "x".repeat(128)])("%s is one", (text) => {
    expect(isName(text)).toBe(true);
  });

  test.each(["", "-a", ".a", "a b", "a/b", "a:b", "ä", "x".repeat(129), 7, undefined])("%s is none", (text) => {
    expect(isName(text)).toBe(false);
  });

  test.each(["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty"])(
    "%s is none, because every object has it",
    (text) => {
      expect(isName(text)).toBe(false);
    },
  );
});

describe("the nearest name", () => {
  test.each([
    ["fetsh", "fetch"],
    ["fecth", "fetch"],
    ["Fetch", "fetch"],
    ["analyse_market", "analyze_market"],
    ["retry_onn", "retryOn"],
  ])("for %s is %s", (written, meant) => {
    expect(nearestName(written, ["ship", "fetch", "analyze_market", "retryOn"])).toBe(meant);
  });

  test("is none when nothing is near", () => {
    expect(nearestName("report", ["fetch", "ship"])).toBeUndefined();
    expect(nearestName("a", ["b", "xyz"])).toBeUndefined();
    expect(nearestName("", ["a"])).toBeUndefined();
  });

  test("is the first of equally near ones", () => {
    expect(nearestName("step3", ["step1", "step2"])).toBe("step1");
  });
});
