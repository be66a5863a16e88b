/** The quick form of `npm run bench`: how near the product comes to what SQLite and the disk allow. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { builtPackage } from "./faults/built.ts";
import { verifies } from "./verifies.ts";

interface Figures {
  /** Median over the rounds; the limit writes the same rows, ready-made, in the same commits. */
  readonly ofLimit: number;
  /** Of events and instances. */
  readonly rowsPerStep: number;
}

async function quickBench(): Promise<{ readonly many: Figures; readonly one: Figures }> {
  await builtPackage();
  const main = fileURLToPath(new URL("../dist/bench/main.js", import.meta.url));
  const child = spawn(process.execPath, [main, "--quick"], { stdio: ["ignore", "pipe", "inherit"] });
  let answer = "";
  child.stdout.on("data", (text) => (answer += text));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`the bench ended with ${code}`);
  return JSON.parse(answer);
}

// Once more when something else came in between.
test(
  "of what the disk allows it reaches a quarter with 200 runs in flight, and half with one step after the other",
  { ...verifies("001-F127"), timeout: 120_000, retry: 1 },
  async () => {
    const { many, one } = await quickBench();
    console.log("bench:", JSON.stringify({ many, one }));
    expect(many.ofLimit).toBeGreaterThanOrEqual(0.25);
    expect(one.ofLimit).toBeGreaterThanOrEqual(0.5);
    // That a step began and that it ended, and its instance with both: the bench writes nothing less.
    expect(many.rowsPerStep).toBeGreaterThanOrEqual(4);
    expect(one.rowsPerStep).toBeGreaterThanOrEqual(4);
  },
);
