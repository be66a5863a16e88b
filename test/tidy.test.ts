/**
 * Sizes, banned names, dead code. The exceptions below may only shrink: one that is no longer needed, or whose size
 * has gone down, fails too until it is struck or lowered.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, SOURCES, filesIn, parse } from "./house/source.ts";
import { forbiddenIn, measuresOf } from "./house/tidy.ts";

/** Larger than the limits, each for the reason given. */
const EXCEPTIONS: Readonly<Record<string, number>> = {};

const EMPTY_NAMES = ["utils", "util", "helpers", "helper", "common", "misc", "lib", "managers", "services"];

describe("tidy", () => {
  test("files have at most 300 lines (tests 400), functions 70 lines and 4 positional parameters", () => {
    const over = SOURCES.flatMap(measuresOf).filter(({ name, size, limit }) => size > (EXCEPTIONS[name] ?? limit));
    const told = over.map(({ name, size, limit, unit }) => `${name}: ${size} ${unit}, at most ${limit}`);
    expect(told, "divide it by what it owns; more than 4 parameters become one options object").toEqual([]);
  });

  test("every exception is still needed, and at its true size", () => {
    const largest = new Map<string, number>();
    for (const { name, size, limit } of SOURCES.flatMap(measuresOf))
      if (size > limit) largest.set(name, Math.max(size, largest.get(name) ?? 0));
    const loose = Object.entries(EXCEPTIONS).filter(([name, size]) => largest.get(name) !== size);
    expect(loose, "strike these from EXCEPTIONS in test/tidy.test.ts, or lower them to what they are").toEqual([]);
  });

  test("nothing forbidden is written", () => {
    expect(SOURCES.flatMap(forbiddenIn)).toEqual([]);
  });

  // The bans themselves, each against a line that breaks it.
  test.each([
    ["src/run/a.ts", "const now = Date.now();", "take a Clock"],
    ["src/run/a.ts", "const now = Date.now;", "take a Clock"],
    ["src/run/a.ts", "const now = new Date();", "take a Clock"],
    ["src/engine/a.ts", "setTimeout(() => {}, 5);", "take a Clock"],
    ["src/engine/a.ts", "globalThis.setTimeout(() => {}, 5);", "take a Clock"],
    ["src/engine/a.ts", `import { setTimeout as sleep } from "node:timers/promises";`, "take a Clock"],
    ["src/engine/a.ts", "const wait = setImmediate;", "take a Clock"],
    ["src/run/a.ts", "const luck = Math.random();", "take a Random"],
    ["src/run/a.ts", `import { randomUUID } from "node:crypto";`, "take Ids"],
    ["src/run/a.ts", "const id = crypto.randomUUID();", "take Ids"],
    ["src/run/a.ts", "const home = process.env.HOME;", "the host reads the environment"],
    ["examples/a/main.ts", `eval("1");`, "code is named"],
    ["examples/a/main.ts", `const f = new Function("return 1");`, "code is named"],
    ["src/run/a.ts", `console.log("hello");`, "take a log"],
    ["src/run/a.ts", `export * from "./b.ts";`, "name what is exported"],
    ["src/run/a.ts", "export default 1;", "give it a name"],
    ["src/run/a.ts", "export default function a() {}", "give it a name"],
    ["src/run/a.ts", `// ${"FIX"}ME later`, "mend it instead"],
    ["src/run/a.ts", "// oxlint-disable-next-line no-explicit-any", "mend it instead"],
  ])("in %s the line %s is refused: %s", (path, text, problem) => {
    expect(forbiddenIn(parse(path, text)).join("\n")).toContain(problem);
  });

  test.each([
    ["src/std/clock.ts", "const now = Date.now();"],
    ["src/host/spawn.ts", "setTimeout(() => {}, 5); const home = process.env.HOME;"],
    ["src/run/a.ts", "const day = new Date(0).toISOString();"],
    ["src/run/a.ts", "clock.setTimeout(() => {}, 5); const f: Function = g; type F = Function;"],
    ["src/cli/main.ts", `console.log("hello");`],
    ["src/run/a.test.ts", "setTimeout(() => {}, Date.now());"],
  ])("in %s the line %s is welcome", (path, text) => {
    expect(forbiddenIn(parse(path, text))).toEqual([]);
  });

  test("a size is measured as written", () => {
    const body = "\n  go();".repeat(80);
    const measures = measuresOf(parse("src/run/a.ts", `export const long = (a, b, c, d) => {${body}\n};\n`));
    expect(measures.map(({ name, size }) => [name, size])).toEqual([
      ["src/run/a.ts", 82],
      ["src/run/a.ts long", 82],
      ["src/run/a.ts long()", 4],
    ]);
  });

  test("folders are named for what they hold", () => {
    const folders = SOURCES.flatMap((source) => source.path.split("/").slice(0, -1));
    const files = filesIn("src").map((path) => path.split("/").at(-1)?.replace(/\..*/, "") ?? "");
    expect([...new Set([...folders, ...files])].filter((name) => EMPTY_NAMES.includes(name))).toEqual([]);
  });

  test("no file, export or dependency is dead (knip)", () => {
    const knip = join(ROOT, "node_modules/knip/bin/knip.js");
    const done = spawnSync(process.execPath, [knip, "--no-progress", "--no-config-hints"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(`${done.stdout}${done.stderr}`.trim(), "delete it, or use it in the same change").toBe("");
    expect(done.status).toBe(0);
  });
});
