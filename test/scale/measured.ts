import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { builtPackage } from "../faults/built.ts";

const script = fileURLToPath(new URL("measure.mjs", import.meta.url));

/** What one run of measure.mjs printed; `undefined` for one that killed itself without a word. */
export async function measured<T>(what: string, numbers: readonly number[], folder: string): Promise<T | undefined> {
  await builtPackage();
  const child = spawn(process.execPath, [script, what, numbers.join(), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`measuring ${what} ended with ${signal ?? code}`);
  return text === "" ? undefined : (JSON.parse(text) as T);
}
