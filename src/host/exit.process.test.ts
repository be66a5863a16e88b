/** How a process that keeps its exit to itself ends, whatever code in it tries. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const source = new URL("exit.ts", import.meta.url).href;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** `code` after `keepExit()`, with `exitProcess` at hand. */
function ended(code: string) {
  const script = `import { keepExit, exitProcess } from ${JSON.stringify(source)};\nkeepExit();\n${code}`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("code that calls process.exit is told so, and the process goes on", () => {
  const tries = `
    const told = [() => process.exit(0), () => process.exit(), () => process.reallyExit(3)].map((call) => {
      try { call(); } catch (thrown) { return thrown.message; }
    });
    console.log(told.join());
    exitProcess(10);`;
  const called = (code: string): string => `code of a step or module called process.exit(${code})`;
  expect(ended(tries)).toEqual({ status: 10, stdout: `${["0", "", "3"].map(called).join()}\n`, stderr: "" });
});

test("an end nobody asked for is exit code 1, and said", () => {
  const said = "tutti: the process ended before the command had. Every run is kept as it is.\n";
  expect(ended("process.exitCode = 0;")).toEqual({ status: 1, stdout: "", stderr: said });
  const { status, stderr } = ended("throw new Error('nobody caught');");
  expect([status, stderr]).toEqual([1, expect.stringContaining(said)]);
});

test.each([
  ["an exit code of theirs", "process.exitCode = 3;"],
  ["a listener that sets one", 'process.on("exit", () => { process.exitCode = 3; });'],
  ["a listener that calls process.exit", 'process.on("exit", () => process.exit(3));'],
  ["a listener that throws", 'process.on("exit", () => { throw new Error("late"); });'],
])("%s does not change the code of the command", (_, theirs) => {
  expect([ended(`${theirs}\nexitProcess(0);`).status, ended(`${theirs}\nexitProcess(12);`).status]).toEqual([0, 12]);
});
