/** Modules that cannot be used, as the command tells it: loading is Node's own, so these are processes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder } from "./terminal.ts";

const folder = new Folder({
  "m.mjs": "export const f = () => 1;\nexport const notOne = 1;\n",
  "throws.mjs": "export const f = 1;\nthrow new Error('no luck');\n",
  "broken.mjs": "export const f = (\n",
});
beforeAll(builtPackage, 120_000);
afterAll(() => folder[Symbol.dispose]());

const one = (uses: string): string => `tutti: "1"\nid: bad\nversion: "1"\nsteps:\n  a: { uses: "${uses}" }\n`;

test.each([
  ["a missing module", "./none.mjs#f", /none\.mjs#f: there is no file/],
  ["a missing export", "./m.mjs#g", /m\.mjs#g: .*does not export g \(it exports f, notOne\)/],
  ["an export that is no function", "./m.mjs#notOne", /notOne .*is not a function/],
  ["a module that throws at load", "./throws.mjs#f", /throws\.mjs failed: Error: no luck \(line 2\)/],
  ["a module that is no JavaScript", "./broken.mjs#f", /broken\.mjs failed: SyntaxError.*line/],
])("%s is refused, and nothing is kept", async (_, uses, expected) => {
  folder.write({ "bad.yaml": one(uses) });
  const { code, out, err } = await folder.tutti(["run", "bad.yaml"]);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(expected);
  expect(err).not.toMatch(/^\s+at /m);
});

test("with -v there is a stack; of all that nothing was kept; and what is well runs", async () => {
  const { code, err } = await folder.tutti(["run", "bad.yaml", "-v"]);
  expect(code).toBe(3);
  expect(err).toMatch(/^\s+at /m);
  expect(await folder.tutti(["runs", "list", "--quiet"])).toMatchObject({ code: 0, out: "" });
  folder.write({ "good.yaml": one("./m.mjs#f") });
  const { code: done, out } = await folder.tutti(["run", "good.yaml", "--json"]);
  expect([done, (JSON.parse(out) as { output: unknown }).output]).toEqual([0, { a: 1 }]);
});

test("a module may import tutti where no such package is installed: it is the command's own", async () => {
  folder.write({
    "good.yaml": one("./kinds.mjs#f"),
    "kinds.mjs": `import { TaskError } from "tutti";
      export const f = () => { throw new TaskError("validation_error", "no card"); };`,
  });
  const { code, out } = await folder.tutti(["run", "good.yaml", "--json"]);
  const { error } = JSON.parse(out) as { error: unknown };
  expect([code, error]).toEqual([10, expect.objectContaining({ kind: "validation_error", message: "no card" })]);
});
