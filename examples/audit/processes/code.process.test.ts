import { expect, test } from "vitest";
import { codeSchema, type Code } from "../findings.ts";
import { runProcess, Sandbox } from "../testing/repository.ts";

const LINE = "let x = 1;\n";

async function measure(sandbox: Sandbox): Promise<Code> {
  const { root, commit } = await sandbox.open();
  return codeSchema.parse(runProcess("code", { root, commit }));
}

test("lines are counted by kind and language, at the commit", async () => {
  using sandbox = new Sandbox();
  sandbox
    .write("src/a.ts", LINE.repeat(3))
    .write("src/a.test.ts", LINE.repeat(2))
    .write("tool.py", LINE)
    .write("README.md", "# A\n")
    .write("package-lock.json", "{}\n")
    .write("node_modules/x/index.js", LINE.repeat(50))
    .write("logo.png", Buffer.from([0x89, 0, 1, 2, 0, 0xff]))
    .write("we|ird `na\nme`.ts", LINE.repeat(7))
    .commit()
    .write("src/a.ts", LINE.repeat(99));
  const code = await measure(sandbox);
  expect(code.kinds).toEqual({
    code: { files: 3, lines: 11 },
    test: { files: 1, lines: 2 },
    docs: { files: 1, lines: 1 },
    generated: { files: 1, lines: 1 },
    vendored: { files: 1, lines: 50 },
    binary: { files: 1, lines: 0 },
  });
  expect(code.languages).toEqual([
    { name: "TypeScript", files: 3, lines: 12 },
    { name: "Python", files: 1, lines: 1 },
  ]);
  expect(code.code[0]).toEqual({ path: "we|ird `na\nme`.ts", lines: 7 });
  expect(code.findings).toMatchObject([{ rule: "vendored", where: ["node_modules/x/index.js"] }]);
});

test("a hot spot is both long and often changed", async () => {
  using sandbox = new Sandbox();
  sandbox.write("long.ts", LINE.repeat(900)).write("short.ts", LINE);
  for (let i = 0; i < 12; i++) {
    sandbox.write("hot.ts", LINE.repeat(300 + i)).write("short.ts", LINE.repeat(i + 1));
    sandbox.commit({ author: i % 2 === 0 ? "Ada" : "Ben" });
  }
  const code = await measure(sandbox);
  expect(code.churn.commits).toBe(12);
  expect(code.hotSpots).toEqual([
    { path: "hot.ts", lines: 311, commits: 12, changedLines: 311, authors: 2, score: 3732 },
    { path: "short.ts", lines: 12, commits: 12, changedLines: 12, authors: 2, score: 144 },
  ]);
  expect(code.findings).toMatchObject([{ rule: "hot-spot", risk: "medium", where: ["hot.ts"] }]);
});

test("giant files, large files and private keys are found; public keys and examples are not", async () => {
  using sandbox = new Sandbox();
  const key = (kind: string): string => `-----BEGIN ${kind} KEY-----\nAAAA\n-----END ${kind} KEY-----\n`;
  sandbox
    .write("giant.ts", LINE.repeat(1_001))
    .write("blob.bin", Buffer.alloc(6_000_000))
    .write("deploy/server.key", key("PRIVATE"))
    .write("deploy/public.pem", key("PUBLIC"))
    .write(".env.example", "TOKEN=abc\n")
    .write(".env", "TOKEN=\n# nothing\n")
    .commit();
  const { findings } = await measure(sandbox);
  expect(findings).toMatchObject([
    { rule: "giant-file", risk: "low", where: ["giant.ts"] },
    { rule: "large-blob", where: ["blob.bin"] },
    { rule: "secret-file", risk: "high", where: ["deploy/server.key"] },
  ]);
});

test("keys that only tests use are a low risk", async () => {
  using sandbox = new Sandbox();
  sandbox.write("test/fixtures/id_rsa", "-----BEGIN RSA PRIVATE KEY-----\n").commit();
  expect((await measure(sandbox)).findings).toMatchObject([{ rule: "secret-file", risk: "low" }]);
});

test("an empty repository and an empty commit measure as nothing", async () => {
  using sandbox = new Sandbox();
  expect(await measure(sandbox)).toMatchObject({ files: 0, kinds: {}, hotSpots: [], findings: [] });
  sandbox.commit();
  expect(await measure(sandbox)).toMatchObject({ files: 0, churn: { commits: 1 }, findings: [] });
});

test("links and submodules are told, not followed", async () => {
  using sandbox = new Sandbox();
  using other = new Sandbox();
  other.write("big.ts", LINE.repeat(500)).commit();
  const commit = other.git(["rev-parse", "HEAD"]).trim();
  sandbox.git(["update-index", "--add", "--cacheinfo", `160000,${commit},sub`]);
  const target = sandbox.write("t", "/etc/passwd").git(["hash-object", "-w", "t"]).trim();
  sandbox.git(["update-index", "--add", "--cacheinfo", `120000,${target},link.ts`]);
  sandbox.git(["-c", "user.name=A", "-c", "user.email=a@example.invalid", "commit", "-q", "-m", "links"]);
  const code = await measure(sandbox);
  expect(code).toMatchObject({ files: 0, kinds: {} });
  expect(code.limits).toEqual(
    expect.arrayContaining([expect.stringContaining("Submodules"), expect.stringContaining("links")]),
  );
});

test("a commit that is not there is an error in git's words, with exit 1", () => {
  using sandbox = new Sandbox();
  sandbox.commit();
  expect(() => runProcess("code", { root: sandbox.root, commit: "f".repeat(40) })).toThrow(/git ls-tree/);
});
