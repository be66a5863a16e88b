/** Small real repositories in temporary folders, with authors and dates as the test says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Context } from "../agents/context.ts";
import type { Repository } from "../findings.ts";
import { openRepository } from "../repository.ts";

export const AUDITED_AT = "2026-06-01T00:00:00.000Z";

export class Sandbox implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "audit-"));

  constructor() {
    this.git(["init", "-q", "-b", "main"]);
  }

  write(path: string, content: string | Buffer): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
    return this;
  }

  /** Commits everything there is. `date` is ISO 8601. */
  commit({ author = "Ada", date = "2026-05-01T12:00:00Z" }: { author?: string; date?: string } = {}): this {
    this.git(["add", "-A", "-f"]);
    const who = { GIT_AUTHOR_NAME: author, GIT_COMMITTER_NAME: author };
    const mail = { GIT_AUTHOR_EMAIL: `${author}@example.invalid`, GIT_COMMITTER_EMAIL: `${author}@example.invalid` };
    this.git(["commit", "-q", "--allow-empty", "-m", "a change"], {
      ...who,
      ...mail,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    });
    return this;
  }

  git(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
    const quiet = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync("git", ["-C", this.root, ...args], {
      env: { ...process.env, ...quiet, ...env },
      encoding: "utf8",
    });
  }

  open(): Promise<Repository> {
    return openRepository(this.root, AUDITED_AT);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function context(signal: AbortSignal = new AbortController().signal): Context {
  return { runId: "run_test", signal, progress: () => {} };
}

/** Runs one of the processes as an executor does: JSON on stdin, JSON on stdout. */
export function runProcess(name: string, input: unknown): unknown {
  const file = join(import.meta.dirname, "..", "processes", `${name}.mjs`);
  return JSON.parse(
    execFileSync(process.execPath, [file], { input: JSON.stringify(input), encoding: "utf8", stdio: "pipe" }),
  );
}
