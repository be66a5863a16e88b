/** What every verb is given: the terminal, the flags all verbs share, the configuration, and how output looks. */
import type { Terminal } from "../host/terminal.ts";
import type { Clock } from "../std/clock.ts";
import { systemClock } from "../std/clock.ts";
import type { Configuration, Flags } from "./config/config.ts";
import { readConfig } from "./config/config.ts";
import type { Config } from "./config/keys.ts";
import { KEYS } from "./config/keys.ts";
import type { Colour, Look } from "./display/look.ts";
import { canRedraw, hasColour, lookOf } from "./display/look.ts";
import { visibleJson } from "./display/text.ts";
import { UsageError } from "./usage.ts";

/** As commander parsed them. */
export interface SharedOptions {
  readonly store?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** `false`: --no-color. */
  readonly color?: string | boolean;
  /** `false`: --no-progress. */
  readonly progress?: boolean;
}

export interface Context {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly configuration: Configuration;
  readonly config: Config;
  /** Of stdout, and of stderr. */
  readonly out: Look;
  readonly err: Look;
  readonly display: "live" | "lines" | "none";
  /** How wide lines on stdout may be; as wide as they are where it is not a terminal. */
  readonly columns: number;
  /** Data. */
  print(text: string): void;
  printJson(value: unknown): void;
  /** A word to the person, on stderr. What comes from elsewhere in it is `visible` already. */
  tell(text: string): void;
}

/** Options are as commander parsed them: each verb says which it reads. */
export type Verb<Options> = (
  context: Context,
  args: readonly string[],
  options: Options & SharedOptions,
) => Promise<number>;

export async function openContext(terminal: Terminal, options: SharedOptions): Promise<Context> {
  const { stdout, stderr, env } = terminal;
  const configuration = await readConfig(terminal, flagsOf(options));
  const colour = configuration.config.color;
  const out = lookOf(env, hasColour(env, stdout, colour));
  const err = lookOf(env, hasColour(env, stderr, colour));
  const quiet = options.quiet ?? false;
  return {
    terminal,
    clock: systemClock,
    json: options.json ?? false,
    quiet,
    configuration,
    config: configuration.config,
    out,
    err,
    display: quiet ? "none" : options.progress !== false && canRedraw(env, stderr) ? "live" : "lines",
    columns: stdout.isTerminal ? stdout.columns : Infinity,
    print: (text) => stdout.write(text),
    printJson: (value) => stdout.write(`${jsonText(value, stdout.isTerminal)}\n`),
    tell: (text) => {
      if (!quiet) stderr.write(`${text}\n`);
    },
  };
}

/** Over several lines for a person, on one for a program. */
export function jsonText(value: unknown, pretty: boolean): string {
  return visibleJson(JSON.stringify(value, undefined, pretty ? 2 : undefined));
}

function flagsOf({ store, color }: SharedOptions): Flags {
  const colour = color === false ? "never" : color === true ? "always" : color;
  if (colour !== undefined && KEYS.color.parse(colour) === undefined)
    throw new UsageError(`--color is ${KEYS.color.expected}, not ${colour}.`);
  if (store === "") throw new UsageError(`--store is ${KEYS.store.expected}, not nothing.`);
  return {
    ...(store !== undefined && { store }),
    ...(colour !== undefined && { color: colour as Colour }),
  };
}
