import { expect, test } from "vitest";
import { workflow } from "../workflow/define.ts";
import { CodeTables } from "./code.ts";

test("what is missing is what a definition calls, wherever it calls it, and nothing that is only named `code`", () => {
  const { definition, code } = workflow({ id: "named", version: "1" }, (w) => {
    const first = w.task("code", { run: () => 1, onError: { timeout: () => "skip" as const } });
    const chosen = w.choose("route", {
      needs: { code: first },
      by: () => "a" as const,
      branches: { a: (b) => b.task("inner", { when: () => true, input: { of: { code: "a value" } }, agent: "x" }) },
    });
    return { code: first, chosen };
  });
  const tables = new CodeTables();
  expect([...tables.missing(definition, undefined)].sort()).toEqual([...code.keys()].sort());
  tables.register(definition, code);
  expect(tables.missing(definition, undefined)).toEqual([]);
});
