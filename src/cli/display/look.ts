/** Whether there is colour, how a terminal is drawn on, and how a state looks: always a sign and a word. */
import pico from "picocolors";
import type { Sink, Terminal } from "../../host/terminal.ts";

export type Colour = "auto" | "always" | "never";

export interface Look {
  /** Of a state: its sign and its word, in its colour. */
  state(state: string): string;
  /** The same without colour, and any text in the colour of a state. */
  plain(state: string): string;
  painted(text: string, state: string): string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly spinner: readonly string[];
  readonly cut: string;
}

type Environment = Terminal["env"];

const SIGNS: Readonly<Record<string, readonly [utf8: string, ascii: string]>> = {
  completed: ["✔", "+"],
  failed: ["✖", "x"],
  compensated: ["↶", "u"],
  compensation_failed: ["✖", "x"],
  cancelled: ["⊘", "!"],
  cancelling: ["⊘", "!"],
  skipped: ["○", "-"],
  running: ["●", "*"],
  retrying: ["↻", "r"],
  waiting: ["◌", "w"],
  paused: ["‖", "="],
  stranded: ["⚠", "?"],
  unknown: ["?", "?"],
  ok: ["✔", "+"],
  warning: ["⚠", "?"],
};
const OTHER = ["·", "."] as const;

export function lookOf(env: Environment, colour: boolean): Look {
  const c = pico.createColors(colour);
  const utf8 = isUtf8(env);
  const colours: Readonly<Record<string, (text: string) => string>> = {
    completed: c.green,
    ok: c.green,
    failed: c.red,
    compensation_failed: c.red,
    cancelled: c.magenta,
    cancelling: c.magenta,
    compensated: c.yellow,
    running: c.cyan,
    retrying: c.yellow,
    stranded: c.yellow,
    warning: c.yellow,
    paused: c.yellow,
    skipped: c.dim,
  };
  const painted = (text: string, state: string): string => colours[state]?.(text) ?? text;
  const sign = (state: string): string => (SIGNS[state] ?? OTHER)[utf8 ? 0 : 1];
  const plain = (state: string): string => `${sign(state)} ${state}`;
  return {
    state: (state) => painted(plain(state), state),
    plain,
    painted,
    bold: c.bold,
    dim: c.dim,
    spinner: (utf8 ? "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" : "|/-\\").split(""),
    cut: utf8 ? "…" : "~",
  };
}

/** A flag goes before FORCE_COLOR, that before NO_COLOR; left to itself a terminal has colour, anything else none. */
export function hasColour(env: Environment, sink: Pick<Sink, "isTerminal">, colour: Colour): boolean {
  if (colour !== "auto") return colour === "always";
  const forced = env["FORCE_COLOR"] ?? "";
  if (forced !== "") return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return false;
  return sink.isTerminal;
}

/** Redrawing in place is for a person at a terminal. */
export function canRedraw(env: Environment, sink: Pick<Sink, "isTerminal">): boolean {
  const inCi = !["", "0", "false"].includes(env["CI"] ?? "");
  return sink.isTerminal && !inCi && env["TERM"] !== "dumb";
}

function isUtf8(env: Environment): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  return /utf-?8/i.test(locale ?? "");
}
