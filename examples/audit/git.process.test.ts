import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ask, git, listTree, readText, wasInterrupted } from "./git.ts";
import { Sandbox } from "./testing/repository.ts";

describe("git", () => {
  test("a tree lists regular files by their true names, however odd, and no links", async () => {
    using sandbox = new Sandbox();
    const odd = ["plain.ts", "a space.ts", 'quote".ts', "tab\tand\nline.ts", "-dash.ts", "ünï/日本.ts"];
    for (const path of odd) sandbox.write(path, path);
    sandbox.git(["config", "core.symlinks", "true"]);
    sandbox.commit();
    const repository = await sandbox.open();
    const files = await listTree(repository);
    expect(files.map(({ path }) => path).sort()).toEqual([...odd].sort());
    for (const file of files) expect(await readText(repository, file)).toBe(file.path);
  });

  test("what is not committed is not seen", async () => {
    using sandbox = new Sandbox();
    sandbox.write("a.ts", "committed").commit().write("a.ts", "changed").write("b.ts", "new");
    const repository = await sandbox.open();
    const files = await listTree(repository);
    expect(files.map(({ path }) => path)).toEqual(["a.ts"]);
    expect(files[0] && (await readText(repository, files[0]))).toBe("committed");
  });

  test("a text above the limit is left unread", async () => {
    using sandbox = new Sandbox();
    const repository = await sandbox.commit().open();
    const huge = { path: "huge.json", id: "0".repeat(40), bytes: 17 * 1024 * 1024 };
    expect(await readText(repository, huge)).toBeUndefined();
  });

  test("a question with no answer is undefined; a failed command is an error in git's own words", async () => {
    using sandbox = new Sandbox();
    sandbox.commit();
    expect(await ask(sandbox.root, ["describe", "--tags"])).toBeUndefined();
    await expect(git(sandbox.root, ["rev-list", "no-such-branch"])).rejects.toThrow(/git rev-list: .*no-such-branch/s);
  });

  test("an answer above the size limit, or after the time limit, is an error", async () => {
    using sandbox = new Sandbox();
    sandbox.write("a.txt", "x".repeat(10_000)).commit();
    await expect(git(sandbox.root, ["show", "HEAD"], { maxBytes: 100 })).rejects.toThrow(/git show/);
    execFileSync("sh", ["-c", `mkfifo "$0"`, join(sandbox.root, "never")]); // Reading it waits for a writer that never comes.
    const waiting = git(sandbox.root, ["hash-object", "never"], { timeoutMs: 50 });
    await expect(waiting).rejects.toThrow("git hash-object: gave no answer within 0.05 s");
  });

  test("an aborted call ends with the signal's reason", async () => {
    using sandbox = new Sandbox();
    sandbox.commit();
    const reason = new Error("cancelled by the test");
    await expect(git(sandbox.root, ["log"], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("whoever stops git from outside is told from git saying no", async () => {
    using sandbox = new Sandbox();
    const problem = async (shell: string): Promise<unknown> =>
      git(sandbox.root, ["-c", `alias.act=!${shell}`, "act"]).catch((error: unknown) => error);
    expect(wasInterrupted(await problem("kill -INT $PPID"))).toBe(true);
    expect(wasInterrupted(await problem("exit 1"))).toBe(false);
  });

  test("the network is out of reach", async () => {
    using sandbox = new Sandbox();
    sandbox.commit();
    const fetch = git(sandbox.root, ["fetch", "https://localhost:1/none.git"]);
    await expect(fetch).rejects.toThrow(/transport 'https' not allowed/);
  });

  test("no program that the repository's configuration names is started", async () => {
    using sandbox = new Sandbox();
    const trace = join(sandbox.root, "trace");
    const spy = join(sandbox.root, "spy");
    writeFileSync(spy, `#!/bin/sh\ntouch ${trace}\n`, { mode: 0o755 });
    sandbox.write("a.txt", "a").commit();
    sandbox.git(["config", "core.fsmonitor", spy]);
    await git(sandbox.root, ["status", "--porcelain"]);
    expect((await git(sandbox.root, ["ls-files", "--others"])).split("\n")).not.toContain("trace");
  });
});
