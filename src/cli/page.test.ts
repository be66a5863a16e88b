/** docs/cli.md against the code: exit codes, configuration and verbs are what the page says. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CATALOGUE } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { KEYS, KEY_NAMES } from "./config/keys.ts";
import { EXIT, exitOfError } from "./exit.ts";

const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
const rows = page.split("\n").flatMap((line) => (line.startsWith("| ") ? [line.slice(2, -1).split(" | ")] : []));

test("the page has every exit code, and under each the errors that come to it", () => {
  const told = new Map(
    rows.flatMap(([code = "", , errors = ""]) => (/^\d+$/.test(code) ? [[Number(code), errors.trim()]] : [])),
  );
  expect([...told.keys()]).toEqual(Object.values(EXIT));
  for (const code of Object.keys(CATALOGUE) as ErrorCode[])
    expect(told.get(exitOfError(code))?.split(" "), code).toContain(code);
  expect([...told.values()].join(" ").match(/[A-Z]\w+/g)).toHaveLength(Object.keys(CATALOGUE).length);
});

test("the help names every exit code", () => {
  const program = readFileSync(new URL("program.ts", import.meta.url), "utf8");
  const [, help = ""] = /const EXIT_CODES = `([^`]*)`/.exec(program) ?? [];
  expect([...help.matchAll(/\d+/g)].map(Number)).toEqual([...Object.values(EXIT), 130, 143]);
});

test("the page has every key of the configuration, its variable and its default", () => {
  const told = rows.filter(([key = ""]) => KEY_NAMES.some((name) => key === `\`${name}\``));
  expect(told.map(([key, env, fallback]) => [key, env, fallback?.replaceAll("`", "")])).toEqual(
    KEY_NAMES.map((key) => [`\`${key}\``, `\`${KEYS[key].env}\``, String(KEYS[key].fallback)]),
  );
});

test("the page names every verb and every option", () => {
  const program = readFileSync(new URL("program.ts", import.meta.url), "utf8");
  const verbs = [...program.matchAll(/\.command\("([a-z]+)/g)].map(([, verb = ""]) => verb);
  const options = [...program.matchAll(/"(?:-\w, )?(--[a-z-]+)/g)].map(([, option = ""]) => option);
  expect(Math.min(verbs.length, options.length)).toBeGreaterThan(12);
  const known = ["--help", "--version", "--verbose"];
  expect(verbs.filter((verb) => !page.includes(verb))).toEqual([]);
  expect(options.filter((option) => !known.includes(option) && !page.includes(option))).toEqual([]);
});
