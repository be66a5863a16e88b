/** The builder's types at size: files are generated and checked by a real tsc, with this repository's settings. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

let folder = "";
beforeAll(async () => {
  const cache = join(ROOT, "node_modules/.cache/tutti");
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "types-"));
});
afterAll(() => rm(folder, { recursive: true }));

const HEAD = `import { z } from "zod";
import { workflow } from "../../../../src/workflow/define.ts";
import type { OutputOf } from "../../../../src/workflow/types.ts";
const options = { id: "scale", version: "1", input: z.object({ market: z.string() }) };
`;

interface Checked {
  readonly errors: readonly string[];
  readonly checkMs: number;
}

/** Prints the processor's share that the process had of its time. */
const SHARE = `process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  console.log("Share: " + (user + system) / 1000 / performance.now());
})`;

/** What tsc says of this text, and how long it checked it: of wall time, the part in which it had a processor. */
async function check(name: string, text: string): Promise<Checked> {
  await writeFile(join(folder, `${name}.ts`), HEAD + text);
  const config = { extends: join(ROOT, "tsconfig.json"), include: [`${name}.ts`], compilerOptions: { noEmit: true } };
  await writeFile(join(folder, `${name}.json`), JSON.stringify(config));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const preload = `data:text/javascript,${encodeURIComponent(SHARE)}`;
  const args = ["--import", preload, tsc, "-p", join(folder, `${name}.json`), "--extendedDiagnostics"];
  const { stdout } = await run(process.execPath, args).catch(
    // tsc found errors; what it printed is what is asked for.
    (error: unknown) => error as { readonly stdout: string },
  );
  const seconds = Number(/Check time:\s+([\d.]+)s/.exec(stdout)?.[1]);
  const share = Number(/Share: ([\d.]+)/.exec(stdout)?.[1]);
  return { errors: stdout.match(/^.*error TS.*$/gm) ?? [], checkMs: seconds * 1_000 * Math.min(1, share) };
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

test("500 tasks side by side check in under 3 s, the best of three", { timeout: 120_000 }, async () => {
  const text = `export const flow = workflow(options, (w) => {
  const start = w.task("start", { run: ({ input }) => ({ size: input.market.length }) });
${lines(500, (i) => `  const s${i} = w.task("s${i}", { needs: { start }, run: ({ needs }) => ({ n: needs.start.size + ${i} }) });`)}
  return { ${Array.from({ length: 500 }, (_, i) => `s${i}`).join(", ")} };
});
export const last: { readonly n: number } = {} as OutputOf<typeof flow>["s499"];
// @ts-expect-error its output is no text
export const wrong: string = {} as OutputOf<typeof flow>["s250"];
`;
  let checkMs = Infinity;
  for (let i = 0; i < 3 && !(checkMs < 3_000); i++) {
    const checked = await check("wide", text);
    expect(checked.errors).toEqual([]);
    checkMs = Math.min(checkMs, checked.checkMs);
  }
  expect(checkMs).toBeLessThan(3_000);
});

test("a chain of 100 consts holds, and a wrong link in it is found", { timeout: 120_000 }, async () => {
  const chain = (last: string) => `export const flow = workflow(options, (w) => {
  const s0 = w.task("s0", { run: ({ input }) => ({ size: input.market.length }) });
${lines(99, (i) => `  const s${i + 1} = w.task("s${i + 1}", { needs: { p: s${i} }, run: ({ needs }) => ({ size: needs.p.size + 1 }) });`)}
  return w.task("end", { needs: { s99 }, run: ({ needs }) => needs.s99.${last} });
});
export const end: number = {} as OutputOf<typeof flow>;
`;
  expect((await check("chain", chain("size"))).errors).toEqual([]);
  expect((await check("wrong", chain("sise"))).errors.join()).toMatch(/'sise' does not exist/);
});
