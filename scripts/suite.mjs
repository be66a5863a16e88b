/** Runs vitest and says in figures what came of it. Shared by check.mjs and long.mjs. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * One vitest run. `status` is its exit code, `tests` every test of its report as { status, meta }; `failed` also
 * counts a file that could not be loaded, since none of its tests ran.
 */
export async function runSuite(args) {
  const folder = mkdtempSync(join(tmpdir(), "tutti-suite-"));
  const report = join(folder, "report.json");
  try {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const child = spawn(process.execPath, [vitest, "run", ...reporters, ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const status = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code ?? signal));
    });
    return { status, ...readReport(report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(path) {
  const files = parse(path)?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  const broken = files.filter((f) => f.status === "failed" && f.assertionResults.every((t) => t.status !== "failed"));
  const count = (status) => tests.filter((test) => test.status === status).length;
  return { tests, passed: count("passed"), failed: count("failed") + broken.length };
}

function parse(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // vitest ended before it could write one; its status says so.
    return undefined;
  }
}

/** The last line of every test command, alone on its line. */
export function closingLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}
