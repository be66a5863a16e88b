/** The gate is one command, and it holds what it says: read from the files that make it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import config from "../vitest.config.ts";
import { verifies } from "./verifies.ts";

const text = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const scripts = (JSON.parse(text("package.json")) as { scripts: Record<string, string> }).scripts;

test(
  "CI runs npm test and nothing else of ours; npm run check is the same command",
  verifies("004-F043", "004-F044"),
  () => {
    const commands = text(".ci/run")
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .join("\n")
      .match(/npm (run )?[a-z:]+/g)
      ?.filter((command) => command !== "npm ci");
    expect(commands).toEqual(["npm test"]);
    expect(scripts["check"]).toBe("npm test --");
  },
);

test("coverage below 90 % of lines or branches fails the suite, over all of src", verifies("004-F084"), () => {
  const { coverage } = (config as { test: { coverage: { include: string[]; thresholds: Record<string, number> } } })
    .test;
  expect(coverage.thresholds).toMatchObject({ lines: 90, branches: 90 });
  expect(coverage.include).toEqual(["src/**/*.ts"]);
  expect(text("scripts/check.mjs")).toContain('runSuite(["--coverage"])');
});
