import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { licencesSchema, type Licences } from "../findings.ts";
import { runProcess, Sandbox } from "../testing/repository.ts";

const MIT = readFileSync(new URL("../../../LICENSE", import.meta.url), "utf8");
const GPL = "GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007\n";

async function measure(sandbox: Sandbox): Promise<Licences> {
  const { root, commit } = await sandbox.open();
  return licencesSchema.parse(runProcess("licences", { root, commit }));
}

function lock(packages: Record<string, object>): string {
  return JSON.stringify({ lockfileVersion: 3, packages: { "": {}, ...packages } });
}

test("the project's own licence is read from its text and from its manifests", async () => {
  using sandbox = new Sandbox();
  sandbox
    .write("LICENSE", MIT)
    .write("package.json", `{ "license": "MIT" }`)
    .write("crates/a/Cargo.toml", `[package]\nlicense = "MIT OR Apache-2.0"\n`)
    .write("crates/a/COPYING", "All rights reserved, whatever that means.")
    .commit();
  const licences = await measure(sandbox);
  expect(licences.files).toEqual([
    { path: "LICENSE", licence: "MIT" },
    { path: "crates/a/COPYING", licence: null },
  ]);
  expect(licences.declared).toEqual([
    { path: "crates/a/Cargo.toml", licence: "MIT OR Apache-2.0" },
    { path: "package.json", licence: "MIT" },
  ]);
  expect(licences.findings).toEqual([]);
});

test("a text and a manifest that disagree are found, a project without any licence too", async () => {
  using sandbox = new Sandbox();
  expect((await measure(sandbox.commit())).findings).toMatchObject([{ rule: "no-licence" }]);
  sandbox.write("LICENSE", GPL).write("package.json", `{ "license": "MIT" }`).commit();
  expect((await measure(sandbox)).findings).toMatchObject([{ rule: "licence-mismatch", where: ["package.json"] }]);
});

test("licences of dependencies come from the lock; development is told from production", async () => {
  using sandbox = new Sandbox();
  const packages = {
    "packages/own": { version: "1.0.0" },
    "node_modules/own": { link: true },
    "node_modules/a": { license: "MIT" },
    "node_modules/a/node_modules/@s/b": { license: "(GPL-2.0-only OR MIT)" },
    "node_modules/c": { license: "AGPL-3.0-only" },
    "node_modules/d": { license: "GPL-3.0", dev: true },
    "node_modules/e": {},
  };
  sandbox.write("LICENSE", MIT).write("package-lock.json", lock(packages)).commit();
  const licences = await measure(sandbox);
  expect(licences.source).toBe("lock");
  expect(licences.dependencies).toContainEqual({ licence: "GPL-3.0", packages: 1, production: 0 });
  expect(licences.dependencies).toContainEqual({ licence: null, packages: 1, production: 1 });
  expect(licences.findings).toMatchObject([
    { rule: "copyleft-dependency", risk: "high", where: ["c (AGPL-3.0-only)"] },
    { rule: "unknown-licence", where: ["e"] },
  ]);
});

test("what the lock does not note is read from node_modules, but never through a link that leads out", async () => {
  using sandbox = new Sandbox();
  using outside = new Sandbox();
  outside.write("package.json", `{ "license": "WTFPL" }`);
  sandbox
    .write("LICENSE", MIT)
    .write("package-lock.json", lock({ "node_modules/a": {}, "node_modules/out": {} }))
    .commit();
  sandbox.write("node_modules/a/package.json", `{ "licenses": [{ "type": "ISC" }] }`);
  symlinkSync(outside.root, join(sandbox.root, "node_modules/out"));
  const licences = await measure(sandbox);
  expect(licences.source).toBe("node_modules");
  expect(licences.dependencies).toEqual([
    { licence: "ISC", packages: 1, production: 1 },
    { licence: null, packages: 1, production: 1 },
  ]);
});

test("where licences cannot be known it says so instead of guessing", async () => {
  using sandbox = new Sandbox();
  sandbox.write("go.sum", "").write("package.json", "{ broken").write("package-lock.json", "[broken").commit();
  const licences = await measure(sandbox);
  expect(licences).toMatchObject({ source: "none", dependencies: [] });
  expect(licences.limits.join()).toMatch(/go\.sum.*not known.*dependencies are not known/s);
});

test("an empty repository is measured", async () => {
  using sandbox = new Sandbox();
  expect(await measure(sandbox)).toMatchObject({ files: [], declared: [], dependencies: [] });
});
