/** Bad input at the command line: one clear message, exit 3, no stack, and nothing is kept of it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Inside } from "./inside.ts";

const inside = new Inside({ "m.mjs": "export const f = () => 1;\n" });
afterAll(() => inside[Symbol.dispose]());

const head = 'tutti: "1"\nid: bad\nversion: "1"\n';
const one = (step: string, rest = ""): string => `${head}${rest}steps:\n  a: ${step}\n`;
const bomb = [
  head,
  "description: &a [x, x, x, x, x, x, x, x, x]",
  ...Array.from(
    { length: 12 },
    (_, n) => `k${n}: &${"bcdefghijklmn"[n]} [${Array(9).fill(`*${"abcdefghijklm"[n]}`).join(", ")}]`,
  ),
].join("\n");
const cycle = Array.from({ length: 1_000 }, (_, n) => `  s${n}: { uses: "./m.mjs#f", needs: [s${(n + 1) % 1_000}] }`);

/** What is wrong, the document, and what must be told. */
const documents: readonly (readonly [string, string, RegExp])[] = [
  ["an empty file", "", /empty/],
  ["only a comment", "# nothing\n", /empty|expected/],
  ["10 MB", `${head}description: "${"x".repeat(10 * 1024 * 1024)}"\n`, /4 MB.*JSON|JSON/s],
  ["20,000 nested brackets", `${head}input: ${"[".repeat(20_000)}`, /within each other/],
  ["20,000 nested brackets that end", `${head}input: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, /within each other/],
  ["an alias bomb", bomb, /alias/],
  ["a tab", `${head}steps:\n\ta: { uses: "./m.mjs#f" }\n`, /bad\.yaml:5.*tab/is],
  ["a key twice", `${one('{ uses: "./m.mjs#f" }')}  a: { uses: "./m.mjs#f" }\n`, /bad\.yaml:6:3.*twice|duplicate/is],
  ["__proto__ as a step", `${head}steps:\n  __proto__: { uses: "./m.mjs#f" }\n`, /bad\.yaml:5:3.*__proto__/s],
  ["a cycle of 1,000", `${head}steps:\n${cycle.join("\n")}\n`, /cycle: s\d+ → .* more .* → s\d+/],
  [
    "an unknown key",
    one('{ uses: "./m.mjs#f", retrys: 3 }'),
    /bad\.yaml:5:\d+ +\$\.steps\.a\.retrys: .*Did you mean retry/,
  ],
  [
    "a wrong type deep inside",
    one('{ uses: "./m.mjs#f", retry: { maximumAttempts: often } }'),
    /bad\.yaml:5:\d+ +\$\.steps\.a\.retry\.maximumAttempts: expected a whole number.*"often"/,
  ],
  ["CEL that is none", one('{ uses: "./m.mjs#f", when: "input.a >" }'), /bad\.yaml:5:\d+ +\$\.steps\.a\.when/],
  ["CEL of the wrong type", one('{ uses: "./m.mjs#f", when: "1 + 2" }'), /when: .*expected a bool/],
  ["CEL with an unknown need", one('{ uses: "./m.mjs#f", when: "needs.b.ok" }'), /when: there is no need b/],
  [
    "CEL that would run long",
    one('{ uses: "./m.mjs#f", when: "input.l.all(x, input.l.all(y, input.l.all(z, x + y + z > 0)))" }'),
    /when: .*(nested|loop)/,
  ],
  ["CEL with a regular expression", one(`{ uses: "./m.mjs#f", when: "input.t.matches('(a+)+$')" }`), /when: .*matches/],
  ["an unknown tag", one("!!js/function 'f'"), /tag/],
  ["a list", "- a\n- b\n", /expected/],
  ["no steps", head, /steps/],
  ["two documents", `${one('{ uses: "./m.mjs#f" }')}---\n${head}`, /bad\.yaml:6|document/],
  ["a need that is not there", one('{ uses: "./m.mjs#f", needs: [bb] }'), /there is no step "bb"/],
];

test.each(documents)("%s is refused", async (_, text, expected) => {
  inside.write("bad.yaml", text);
  const started = performance.now();
  const { code, out, err } = await inside.tutti("run bad.yaml");
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(expected);
  expect(err).not.toMatch(/^\s+at |node:internal/m);
  expect(err.length).toBeLessThan(4_000);
  expect(performance.now() - started, "refused at once").toBeLessThan(5_000);
});

test("what is wrong is told all at once", async () => {
  inside.write("bad.yaml", one('{ uses: "m#f", retrys: 1, needs: [b], timeout: soon }'));
  const { code, err } = await inside.tutti("validate bad.yaml");
  expect(code).toBe(3);
  expect(err.match(/bad\.yaml:5:/g)).toHaveLength(4);
});

const schema =
  "input: { type: object, required: [sku], properties: { sku: { type: string } }, additionalProperties: false }\n";

test.each([
  ["nothing", "", /sku/],
  ["the wrong type", "--input sku=3", /\$\.sku.*string/],
  ["one too many", "--input sku=a --input more=1", /more/],
  ["a file that is not there", "--input @none.json", /none\.json/],
  ["no JSON", "--input @m.mjs", /m\.mjs/],
])("an input of %s is refused by the workflow's schema, and nothing is kept of it", async (_, words, expected) => {
  inside.write("ok.yaml", one('{ uses: "./m.mjs#f" }', schema));
  const { code, out, err } = await inside.tutti(`run ok.yaml ${words}`.trim());
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(expected);
  expect(err).not.toMatch(/^\s+at /m);
  if (!existsSync(join(inside.path, ".tutti/tutti.db"))) return;
  expect(await inside.tutti("runs list --quiet")).toMatchObject({ code: 0, out: "" });
});
