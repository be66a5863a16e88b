import { join } from "node:path";
import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

test("without arguments this project is meant, and the report goes here", () => {
  expect(readArguments([], "/home/ada")).toEqual({
    asked: "audit",
    path: undefined,
    out: join(process.cwd(), "report.md"),
  });
});

test("relative paths are meant from where the command was typed", () => {
  expect(readArguments(["../shop", "--out", "a.md"], "/home/ada")).toEqual({
    asked: "audit",
    path: "/home/shop",
    out: "/home/ada/a.md",
  });
});

test.each([
  [["a", "b"], "One repository at a time."],
  [["--slow"], "Unknown option '--slow'"],
])("%j is nonsense, and it is said why", (args, problem) => {
  expect(readArguments(args, "/")).toMatchObject({ asked: "nonsense", problem: expect.stringContaining(problem) });
});

test("help is given when asked for", () => {
  expect(readArguments(["-h"], "/")).toEqual({ asked: "help" });
});
