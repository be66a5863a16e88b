import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NoRepository, openRepository } from "./repository.ts";
import { AUDITED_AT, Sandbox } from "./testing/repository.ts";

test("a folder inside a repository stands for the whole repository, at its HEAD commit", async () => {
  using sandbox = new Sandbox();
  sandbox.write("src/a.ts", "").commit();
  const repository = await openRepository(join(sandbox.root, "src"), AUDITED_AT);
  expect(repository).toMatchObject({ branch: "main", auditedAt: AUDITED_AT });
  expect(repository.commit).toBe(sandbox.git(["rev-parse", "HEAD"]).trim());
  expect(sandbox.root.endsWith(repository.root)).toBe(true);
});

test("the committed package.json names the project; without one its folder does", async () => {
  using sandbox = new Sandbox();
  sandbox.commit();
  expect(sandbox.root.endsWith((await sandbox.open()).name)).toBe(true);
  sandbox.write("package.json", `{ "name": "@acme/shop" }`).commit();
  expect((await sandbox.open()).name).toBe("@acme/shop");
});

test("a repository without commits has no commit, and a detached HEAD no branch", async () => {
  using sandbox = new Sandbox();
  expect(await sandbox.open()).toMatchObject({ commit: null, branch: "main" });
  sandbox.commit().git(["checkout", "-q", "--detach"]);
  expect(await sandbox.open()).toMatchObject({ branch: null });
});

test("a bare repository is audited in its git directory", async () => {
  using sandbox = new Sandbox();
  sandbox.write("a.ts", "").commit();
  const bare = join(sandbox.root, "copy.git");
  execFileSync("git", ["clone", "-q", "--bare", sandbox.root, bare]);
  expect(await openRepository(bare, AUDITED_AT)).toMatchObject({ name: "copy", branch: "main" });
});

test("no folder, or a folder outside any repository, is refused with what is wrong", async () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-none-"));
  mkdirSync(join(folder, "plain"));
  await expect(openRepository(join(folder, "missing"), AUDITED_AT)).rejects.toThrow("There is no folder");
  await expect(openRepository(join(folder, "plain"), AUDITED_AT)).rejects.toThrow("is not in a git repository");
  await expect(openRepository(join(folder, "plain"), AUDITED_AT)).rejects.toBeInstanceOf(NoRepository);
  rmSync(folder, { recursive: true });
});
