/** Node under strace: its calls recorded, or some of them made to fail. A machine that forbids it fails the tests. */
import { spawn, spawnSync } from "node:child_process";

export interface Traced {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

let checked = false;

/** Says what is missing; a test without its fault would pass for nothing. */
function requireStrace(): void {
  if (checked) return;
  const done = spawnSync("strace", ["-qq", "-f", "-e", "trace=close", "true"], { encoding: "utf8" });
  if (done.status !== 0)
    throw new Error(
      `strace does not work here (Debian: apt-get install strace): ${done.error?.message ?? done.stderr}`,
    );
  checked = true;
}

/** `node <args>` under `strace <options>`, to its end. Its exit code is Node's. */
export function underStrace(options: readonly string[], args: readonly string[]): Promise<Traced> {
  requireStrace();
  const child = spawn("strace", ["-qq", "-f", ...options, process.execPath, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stderr }));
  });
}
