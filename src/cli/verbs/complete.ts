/** The words that fit, one per line with what they mean: what the scripts of `tutti completion` ask for. */
import type { Command, Option } from "commander";
import type { Terminal } from "../../host/terminal.ts";
import { systemClock } from "../../std/clock.ts";
import { readConfig } from "../config/config.ts";
import { visible } from "../display/text.ts";
import { EXIT } from "../exit.ts";

/** A person is waiting with a finger on the key. */
const BUDGET_MS = 300;
const MOST_RUNS = 50;

interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** `words`: those after `tutti`; the last one is being written. Never fails: then there is nothing to offer. */
export async function complete(words: readonly string[], terminal: Terminal, program: Command): Promise<number> {
  const written = (words.at(-1) ?? "").replace(/^""$/, "");
  const candidates = await offered(words.slice(0, -1), written, terminal, program);
  for (const { word, about } of candidates)
    if (word.startsWith(written)) terminal.stdout.write(`${visible(word)}\t${visible(about)}\n`);
  return EXIT.done;
}

async function offered(
  before: readonly string[],
  written: string,
  terminal: Terminal,
  program: Command,
): Promise<readonly Candidate[]> {
  const { command, args, pending } = walk(program, before);
  if (pending) return (pending.argChoices ?? []).map((word) => ({ word, about: "" }));
  if (written.startsWith("-")) return optionsOf(command);
  const commands = command.createHelp().visibleCommands(command);
  if (commands.length > 0) return commands.map((one) => ({ word: one.name(), about: one.description() }));
  if (command.name() === "completion")
    return ["bash", "zsh", "fish", "powershell"].map((word) => ({ word, about: "" }));
  const asksForRun = args.length === 0 && command.parent?.name() === "runs" && command.name() !== "list";
  return asksForRun ? inTime(runs(terminal, before)) : [];
}

/** Down the verbs as far as the words go; `pending`: an option that the next word is the value of. */
function walk(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly args: readonly string[]; readonly pending: Option | undefined } {
  let command = program;
  let pending: Option | undefined;
  const args: string[] = [];
  for (const word of words) {
    if (pending) pending = undefined;
    else if (word.startsWith("-")) {
      const option = [...command.options, ...program.options].find((one) => one.long === word || one.short === word);
      if (option && (option.required || option.optional)) pending = option;
    } else {
      const below = command.commands.find((one) => one.name() === word);
      if (below && args.length === 0) command = below;
      else args.push(word);
    }
  }
  return { command, args, pending };
}

function optionsOf(command: Command): readonly Candidate[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].flatMap(({ long, description }) =>
    long ? [{ word: long, about: description }] : [],
  );
}

async function runs(terminal: Terminal, before: readonly string[]): Promise<readonly Candidate[]> {
  const at = before.indexOf("--store");
  const given = before[at + 1];
  const { config } = await readConfig(terminal, at >= 0 && given !== undefined ? { store: given } : {});
  const { openReading } = await import("../desk/reading.ts");
  // Not `using`: tsc 6.0 leaves the `.ts` in the import() of a file that has one.
  const desk = await openReading(config.store);
  try {
    const { items } = await desk.list({ limit: MOST_RUNS });
    return items.map(({ id, status, workflow }) => ({ word: id, about: `${status} ${workflow.id}` }));
  } finally {
    await desk[Symbol.asyncDispose]();
  }
}

async function inTime(work: Promise<readonly Candidate[]>): Promise<readonly Candidate[]> {
  return new Promise((resolve) => {
    const disarm = systemClock.after(BUDGET_MS, () => resolve([]));
    work.then(resolve, () => resolve([])).finally(disarm);
  });
}
