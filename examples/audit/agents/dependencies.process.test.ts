import { expect, test } from "vitest";
import type { Dependencies } from "../findings.ts";
import { context, Sandbox } from "../testing/repository.ts";
import { readDependencies } from "./dependencies.ts";

async function measure(sandbox: Sandbox): Promise<Dependencies> {
  return readDependencies({ repository: await sandbox.commit().open() }, context());
}

function packageJson(dependencies: Record<string, string>, more: object = {}): string {
  return JSON.stringify({ dependencies, ...more });
}

function lock(packages: Record<string, object>): string {
  return JSON.stringify({ lockfileVersion: 3, packages });
}

test("an exact manifest with a lock that fits has nothing against it", async () => {
  using sandbox = new Sandbox();
  sandbox.write("package.json", packageJson({ a: "1.0.0" }));
  const entry = { version: "1.0.0", integrity: "sha512-x" };
  sandbox.write("package-lock.json", lock({ "": { dependencies: { a: "1.0.0" } }, "node_modules/a": entry }));
  const found = await measure(sandbox);
  expect(found.manifests).toEqual([
    {
      path: "package.json",
      ecosystem: "npm",
      direct: 1,
      development: 0,
      pinned: 1,
      ranged: 0,
      open: 0,
      elsewhere: 0,
      lock: "package-lock.json",
    },
  ]);
  expect(found.locks).toEqual([{ path: "package-lock.json", packages: 1, installScripts: 0, duplicates: 0 }]);
  expect(found.findings).toEqual([]);
});

test("ranges without a lock are a high risk, in production more than in development", async () => {
  using sandbox = new Sandbox();
  sandbox.write("package.json", packageJson({ a: "^1.0.0" }));
  sandbox.write("tools/package.json", JSON.stringify({ devDependencies: { b: "^1.0.0" } }));
  expect((await measure(sandbox)).findings).toMatchObject([
    { rule: "no-lock", risk: "high", where: ["a ^1.0.0"] },
    { rule: "no-lock", risk: "medium", where: ["b ^1.0.0"] },
  ]);
});

test("a lock made from other ranges, or without what the manifest asks for, is stale", async () => {
  using sandbox = new Sandbox();
  sandbox.write("package.json", packageJson({ a: "^2.0.0", b: "^1.0.0", c: "^1.0.0" }));
  const made = { dependencies: { a: "^1.0.0", b: "^1.0.0" } };
  const entry = { version: "1.0.0", integrity: "sha512-x" };
  sandbox.write("package-lock.json", lock({ "": made, "node_modules/a": entry, "node_modules/b": entry }));
  expect((await measure(sandbox)).findings).toMatchObject([{ rule: "stale-lock", risk: "high", where: ["a", "c"] }]);
});

test("a workspace is covered by the lock above it, a package that the lock does not know is not", async () => {
  using sandbox = new Sandbox();
  sandbox.write("package.json", packageJson({}));
  sandbox.write("packages/in/package.json", packageJson({ a: "^1.0.0", in2: "workspace:*" }));
  sandbox.write("examples/out/package.json", packageJson({ a: "^1.0.0" }));
  const entry = { version: "1.0.0", integrity: "sha512-x" };
  const made = { "": {}, "packages/in": { dependencies: { a: "^1.0.0" } }, "node_modules/a": entry };
  sandbox.write("package-lock.json", lock(made));
  const found = await measure(sandbox);
  expect(found.manifests.map(({ path, lock: covering }) => [path, covering])).toEqual([
    ["examples/out/package.json", null],
    ["packages/in/package.json", "package-lock.json"],
  ]);
  expect(found.findings).toMatchObject([{ rule: "no-lock", title: expect.stringContaining("examples/out") }]);
});

test("install scripts, missing checksums, foreign sources and duplicates in a lock are found", async () => {
  using sandbox = new Sandbox();
  sandbox.write("package.json", packageJson({ a: "1.0.0" }, { allowScripts: { quiet: false } }));
  const sound = { version: "1.0.0", integrity: "sha512-x" };
  sandbox.write(
    "package-lock.json",
    lock({
      "": { dependencies: { a: "1.0.0" } },
      "node_modules/a": { ...sound, hasInstallScript: true },
      "node_modules/quiet": { ...sound, hasInstallScript: true },
      "node_modules/b": { version: "1.0.0" },
      "node_modules/c": { version: "1.0.0", resolved: "http://host/c.tgz", integrity: "sha512-x" },
      "node_modules/c/node_modules/a": { ...sound, version: "2.0.0" },
    }),
  );
  expect((await measure(sandbox)).findings).toMatchObject([
    { rule: "install-script", where: ["a"] },
    { rule: "no-integrity", where: ["b"] },
    { rule: "foreign-source", where: ["c"] },
    { rule: "duplicate-versions", risk: "low", where: ["a (1.0.0, 2.0.0)"] },
  ]);
});

test("Python, Rust and Go are read by the same rules", async () => {
  using sandbox = new Sandbox();
  sandbox.write("requirements.txt", "six\n");
  sandbox.write("Cargo.toml", `[dependencies]\nserde = "1"\nlost = "1"\n`);
  sandbox.write("Cargo.lock", `[[package]]\nname = "serde"\nversion = "1.0.0"\n`);
  sandbox.write("go.mod", "module m\nrequire example.com/one v1.0.0\n").write("go.sum", "");
  const found = await measure(sandbox);
  expect(found.manifests.map(({ ecosystem }) => ecosystem)).toEqual(["cargo", "go", "python"]);
  expect(found.findings).toMatchObject([
    { rule: "stale-lock", where: ["lost"] },
    { rule: "stale-lock", where: ["example.com/one"] },
    { rule: "no-lock", risk: "high", where: ["six (any)"] },
    { rule: "open-range", risk: "medium" },
  ]);
});

test("a lock in a format that is not read is told as unread, and concludes nothing", async () => {
  using sandbox = new Sandbox();
  sandbox.write("package.json", packageJson({ a: "^1.0.0" })).write("yarn.lock", "# yarn\n");
  const found = await measure(sandbox);
  expect(found.locks).toEqual([{ path: "yarn.lock", packages: null, installScripts: null, duplicates: null }]);
  expect(found.findings).toEqual([]);
  expect(found.limits.join()).toContain("not read: yarn.lock");
});

test("no manifest, and no commit, is nothing to read", async () => {
  using sandbox = new Sandbox();
  const empty = await readDependencies({ repository: await sandbox.open() }, context());
  expect(empty).toMatchObject({ manifests: [], locks: [], findings: [] });
  sandbox.write("node_modules/x/package.json", packageJson({ a: "*" }));
  expect(await measure(sandbox)).toMatchObject({ manifests: [], findings: [] });
});
