/** Bad input at the command line: one clear message, exit 3, no stack, and nothing is kept of it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { ROOT } from "../house/source.ts";

const folder = mkdtempSync(join(tmpdir(), "tutti-bad-"));
const main = join(ROOT, "dist/cli/main.js");
beforeAll(builtPackage, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tutti(...args: readonly string[]) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr, ms: performance.now() - started };
}

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

writeFileSync(join(folder, "m.mjs"), "export const f = () => 1;\nexport const notOne = 1;\n");
writeFileSync(join(folder, "throws.mjs"), "export const f = 1;\nthrow new Error('no luck');\n");
writeFileSync(join(folder, "broken.mjs"), "export const f = (\n");

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
  ["a missing module", one('{ uses: "./none.mjs#f" }'), /none\.mjs#f: there is no file/],
  ["a missing export", one('{ uses: "./m.mjs#g" }'), /m\.mjs#g: .*does not export g \(it exports f, notOne\)/],
  ["an export that is no function", one('{ uses: "./m.mjs#notOne" }'), /notOne .*is not a function/],
  ["a module that throws at load", one('{ uses: "./throws.mjs#f" }'), /throws\.mjs failed: Error: no luck \(line 2\)/],
  ["a module that is no JavaScript", one('{ uses: "./broken.mjs#f" }'), /broken\.mjs failed: SyntaxError.*line/],
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

test.each(documents)("%s is refused", (_, text, expected) => {
  writeFileSync(join(folder, "bad.yaml"), text);
  const { status, stdout, stderr, ms } = tutti("run", "bad.yaml", "--store", "bad.db");
  expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
  expect(stderr).toMatch(expected);
  expect(stderr).not.toMatch(/^\s+at |node:internal/m);
  expect(stderr.length).toBeLessThan(4_000);
  expect(ms, "refused at once").toBeLessThan(10_000);
});

test("what is wrong is told all at once", () => {
  writeFileSync(join(folder, "bad.yaml"), one('{ uses: "m#f", retrys: 1, needs: [b], timeout: soon }'));
  const { status, stderr } = tutti("validate", "bad.yaml");
  expect(status).toBe(3);
  expect(stderr.match(/bad\.yaml:5:/g)).toHaveLength(4);
});

const schema =
  "input: { type: object, required: [sku], properties: { sku: { type: string } }, additionalProperties: false }\n";

test.each([
  ["nothing", [], /sku/],
  ["the wrong type", ["--input", "sku=3"], /\$\.sku.*string/],
  ["one too many", ["--input", "sku=a", "--input", "more=1"], /more/],
  ["a file that is not there", ["--input", "@none.json"], /none\.json/],
  ["no JSON", ["--input", "@m.mjs"], /m\.mjs/],
] as const)("an input of %s is refused by the workflow's schema", (_, args, expected) => {
  writeFileSync(join(folder, "ok.yaml"), one('{ uses: "./m.mjs#f" }', schema));
  const { status, stdout, stderr } = tutti("run", "ok.yaml", "--store", "bad.db", ...args);
  expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
  expect(stderr).toMatch(expected);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("nothing of all that was kept, and with -v there is a stack", () => {
  writeFileSync(join(folder, "bad.yaml"), one('{ uses: "./throws.mjs#f" }'));
  const { status, stderr } = tutti("run", "bad.yaml", "--store", "bad.db", "-v");
  expect(status).toBe(3);
  expect(stderr).toMatch(/^\s+at /m);
  if (!existsSync(join(folder, "bad.db"))) return;
  expect(tutti("runs", "list", "--store", "bad.db", "--quiet")).toMatchObject({ status: 0, stdout: "" });
});

test("one run goes well, so that the refusals mean something", () => {
  writeFileSync(join(folder, "ok.yaml"), one('{ uses: "./m.mjs#f" }', schema));
  const { status, stdout } = tutti("run", "ok.yaml", "--store", "ok.db", "--input", "sku=a", "--json");
  expect([status, (JSON.parse(stdout) as { output: unknown }).output]).toEqual([0, { a: 1 }]);
});
