/** A page of the guide as a script: files to be written, commands to be typed, and what they print. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPage } from "../house/markdown.ts";

interface Typed {
  readonly command: string;
  readonly expected: readonly string[];
  readonly line: number;
}

/**
 * Plays a page in a folder: its blocks with `file=<name>` are written, then its `console` blocks are typed into one
 * shell (`$ ` begins a command). Answers every command whose standard output was not what the page shows; `…` stands
 * for anything within a line, a line of `…` for any lines.
 */
export function play(path: string, text: string, folder: string, env: NodeJS.ProcessEnv): readonly string[] {
  const { snippets } = readPage(path, text);
  for (const { info, text: content } of snippets) {
    const name = /\bfile=(\S+)/.exec(info)?.[1];
    if (name !== undefined) writeFileSync(join(folder, name), `${content}\n`);
  }
  const consoles = snippets.filter(({ info }) => /^console\b/.test(info));
  const typed = consoles.flatMap((snippet) => commandsIn(snippet.text, snippet.line));
  const { outputs, errors } = type(
    typed.map(({ command }) => command),
    folder,
    env,
  );
  return typed.flatMap(({ command, expected, line }, index) => {
    const output = outputs[index] ?? "";
    if (isLike(output.split("\n"), expected)) return [];
    const shown = ["--- the page", ...expected, "--- printed", output, "--- stderr of the page", errors];
    return [`${path}:${line} $ ${command}\n${shown.join("\n")}`];
  });
}

function commandsIn(text: string, first: number): readonly Typed[] {
  const typed: { command: string; expected: string[]; line: number }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith("$ ")) typed.push({ command: line.slice(2), expected: [], line: first + index });
    else typed.at(-1)?.expected.push(line);
  }
  return typed;
}

const MARK = "~~~ end of command ~~~";

/** One shell, with job control, so that `$?`, variables and `%1` mean what a reader expects. */
function type(commands: readonly string[], folder: string, env: NodeJS.ProcessEnv) {
  const script = commands.map((command) => `${command}\n__status=$?; echo "${MARK}"; (exit $__status)\n`).join("");
  writeFileSync(join(folder, "page.sh"), script);
  const shell = ["--noprofile", "--norc", "-m", "page.sh"];
  const done = spawnSync("bash", shell, {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    timeout: 60_000,
  });
  const outputs = done.stdout.split(`${MARK}\n`).map((output) => output.replace(/\n$/, ""));
  return { outputs, errors: done.stderr };
}

function isLike(printed: readonly string[], expected: readonly string[]): boolean {
  const shown = expected.length === 0 ? [""] : expected;
  const pattern = shown
    .map((line) => (line === "…" ? "[^]*?" : line.split("…").map(escaped).join("[^\\n]*")))
    .join("\\n");
  return new RegExp(`^${pattern}$`).test(printed.join("\n"));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
