import { expect, test } from "vitest";
import type { Tests } from "../findings.ts";
import { context, Sandbox } from "../testing/repository.ts";
import { readTests } from "./tests.ts";

interface Sizes {
  readonly code?: Readonly<Record<string, number>>;
  readonly tests?: Readonly<Record<string, number>>;
}

/** As the code agent would have measured it. */
async function measure(sandbox: Sandbox, { code = {}, tests = {} }: Sizes = {}): Promise<Tests> {
  const listed = (sizes: Readonly<Record<string, number>>) =>
    Object.entries(sizes).map(([path, lines]) => ({ path, lines }));
  const count = (sizes: Readonly<Record<string, number>>) => ({
    files: Object.keys(sizes).length,
    lines: Object.values(sizes).reduce((a, b) => a + b, 0),
  });
  const measured = { code: listed(code), tests: listed(tests), kinds: { code: count(code), test: count(tests) } };
  return readTests({ repository: await sandbox.commit().open(), code: measured }, context());
}

test("a tested project with a command and a CI has nothing against it", async () => {
  using sandbox = new Sandbox();
  sandbox.write("package.json", `{ "scripts": { "test": "vitest run" } }`);
  sandbox.write(".github/workflows/ci.yml", `on: push\njobs:\n  a:\n    steps:\n      - run: npm test\n`);
  const found = await measure(sandbox, { code: { "src/a.ts": 200 }, tests: { "src/a.test.ts": 100 } });
  expect(found).toMatchObject({
    counted: { testFiles: 1, testLines: 100, codeLines: 200 },
    commands: [{ path: "package.json", command: "npm test" }],
    ci: [{ path: ".github/workflows/ci.yml", system: "GitHub Actions" }],
    actions: { used: 0, pinned: 0 },
    findings: [],
  });
});

test("no tests, no CI: both are found, and a missing test command is not held against it twice", async () => {
  using sandbox = new Sandbox();
  const { findings } = await measure(sandbox, { code: { "a.py": 50 } });
  expect(findings).toMatchObject([
    { rule: "no-tests", risk: "high" },
    { rule: "no-ci", risk: "medium" },
  ]);
});

test("a repository without code is not asked for tests", async () => {
  using sandbox = new Sandbox();
  expect(await measure(sandbox)).toMatchObject({ counted: { codeLines: 0 }, findings: [] });
});

test.each([
  [19, "medium"],
  [4, "high"],
])("%i lines of test for a hundred of code are few: %s", async (lines, risk) => {
  using sandbox = new Sandbox();
  sandbox.write("tox.ini", "").write("Jenkinsfile", "");
  const { findings } = await measure(sandbox, { code: { "a.py": 100 }, tests: { "test_a.py": lines } });
  expect(findings).toMatchObject([{ rule: "few-tests", risk }]);
});

test("long files that no test is named after are listed, longest first", async () => {
  using sandbox = new Sandbox();
  sandbox.write("go.mod", "module m").write(".gitlab-ci.yml", "");
  const code = { "b.ts": 900, "lib.rs": 500, "Cart.java": 400, "a.go": 300, "mod.py": 200, "c.ts": 160, "tiny.ts": 10 };
  const tests = { "t/CartTest.java": 900, "a_test.go": 900, "tests/test_mod.py": 900, "c.spec.ts": 900 };
  const { findings } = await measure(sandbox, { code, tests });
  expect(findings).toMatchObject([{ rule: "untested-file", where: ["b.ts"] }]);
});

test("actions that name a tag are found, third parties first; commits, local actions and images are fine", async () => {
  using sandbox = new Sandbox();
  sandbox.write(
    ".github/workflows/ci.yaml",
    [
      "    - uses: actions/checkout@v4",
      "    - uses: 'other/thing@main' # a comment",
      `      uses: good/one@${"a".repeat(40)}`,
      "    - uses: ./local",
      "    - uses: docker://alpine",
    ].join("\n"),
  );
  sandbox.write("Makefile", "build:\n\techo\ntest: build\n\techo\n");
  const found = await measure(sandbox, { code: { "a.ts": 10 }, tests: { "a.test.ts": 10 } });
  expect(found.actions).toEqual({ used: 3, pinned: 1 });
  expect(found.commands).toEqual([{ path: "Makefile", command: "make test" }]);
  expect(found.findings).toMatchObject([
    { rule: "unpinned-action", risk: "medium", where: ["other/thing@main", "actions/checkout@v4"] },
  ]);
});

test("npm's placeholder is no test command", async () => {
  using sandbox = new Sandbox();
  sandbox.write("package.json", `{ "scripts": { "test": "echo \\"Error: no test specified\\" && exit 1" } }`);
  sandbox.write(".ci/run", "");
  const { findings } = await measure(sandbox, { code: { "a.ts": 10 }, tests: { "a.test.ts": 10 } });
  expect(findings).toMatchObject([{ rule: "no-test-command" }]);
});

test("where nobody could count the code, the CI is looked at all the same and nothing is concluded about tests", async () => {
  using sandbox = new Sandbox();
  const repository = await sandbox.write("tox.ini", "").commit().open();
  expect(await readTests({ repository, code: null }, context())).toMatchObject({
    counted: null,
    commands: [{ path: "tox.ini", command: "tox" }],
    findings: [{ rule: "no-ci" }],
  });
});
