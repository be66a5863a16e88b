/** What was typed: `[<path>] [--out <file>]`. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

export const USAGE = `Usage: npm start [-- <path to a git repository> [--out <file>]]

A team of agents audits the repository (default: this project) and writes report.md.
Stopped or killed, the same command goes on where it stopped.`;

export type Arguments =
  | { readonly asked: "help" }
  | { readonly asked: "nonsense"; readonly problem: string }
  | { readonly asked: "audit"; readonly path: string | undefined; readonly out: string };

/** `typedIn`: the folder that relative paths are meant from. */
export function readArguments(args: readonly string[], typedIn: string): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help === true) return { asked: "help" };
    const [path, ...others] = positionals;
    if (others.length > 0) return { asked: "nonsense", problem: "One repository at a time." };
    return {
      asked: "audit",
      path: path === undefined ? undefined : resolve(typedIn, path),
      out: values.out === undefined ? join(process.cwd(), "report.md") : resolve(typedIn, values.out),
    };
  } catch (error) {
    return { asked: "nonsense", problem: error instanceof Error ? error.message : String(error) };
  }
}
