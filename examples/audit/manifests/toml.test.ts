import { expect, test } from "vitest";
import { memberOf, readToml, stringsIn } from "./toml.ts";

test("tables, arrays over several lines, comments and quoted keys are read", () => {
  const tables = readToml(`
top = 1 # not a "table"
[project]
name = "a # b"
dependencies = [
  "x>=1", # the first
  'y[extra]',
]
[target.'cfg(unix)'.dependencies]
"quoted" = { version = "1", features = [
  "f",
] }
[[package]]
name = 'p'
`);
  expect(tables.map(({ name }) => name)).toEqual(["", "project", "target.cfg(unix).dependencies", "package"]);
  expect(stringsIn(tables[1]?.values.get("name") ?? "")).toEqual(["a # b"]);
  expect(stringsIn(tables[1]?.values.get("dependencies") ?? "")).toEqual(["x>=1", "y[extra]"]);
  const quoted = tables[2]?.values.get("quoted") ?? "";
  expect([memberOf(quoted, "version"), memberOf(quoted, "git")]).toEqual(["1", undefined]);
});

test("a string over several lines hides nothing that follows it", () => {
  const [top] = readToml(`description = """\n[not.a.table]\nname = "no"\n"""\nname = "yes"\n`);
  expect(top?.values.get("name")).toBe(`"yes"`);
});

test("what is not TOML gives little, and no error", () => {
  expect(readToml(`{ "a": [1, 2\n]]]] = [[\n"`)).toHaveLength(1);
});
