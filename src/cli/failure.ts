/** How a command that did not work says so: one clear message, or with --json one problem+json object; no stack. */
import type { CommanderError } from "commander";
import { TuttiError } from "../errors.ts";
import type { StopSignal, Terminal } from "../host/terminal.ts";
import { jsonText } from "./context.ts";
import { hasColour, lookOf } from "./display/look.ts";
import { visibleLines } from "./display/text.ts";
import { EXIT, exitOfError, exitOfSignal } from "./exit.ts";
import { Conflict, NotThere, UsageError } from "./usage.ts";

/** A signal asked us to leave. What there is to say about it has been said. */
export class Interrupted extends Error {
  override name = "Interrupted";
  readonly signal: StopSignal;

  constructor(signal: StopSignal) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

export interface Telling {
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Tells it on stderr and returns the exit code. */
export function tellFailure(thrown: unknown, terminal: Terminal, { json, verbose }: Telling): number {
  if (thrown instanceof Interrupted) return exitOfSignal(thrown.signal);
  const { code, exit, message } = described(thrown);
  if (json) terminal.stderr.write(`${jsonText(problemOf(thrown, { code, exit, message }), false)}\n`);
  else {
    const look = lookOf(terminal.env, hasColour(terminal.env, terminal.stderr, "auto"));
    terminal.stderr.write(`${look.bold("tutti:")} ${visibleLines(message)}\n`);
  }
  if (verbose) terminal.stderr.write(`${visibleLines(stackOf(thrown))}\n`);
  return exit;
}

interface Described {
  readonly code: string;
  readonly exit: number;
  readonly message: string;
}

function described(thrown: unknown): Described {
  if (thrown instanceof TuttiError)
    return { code: thrown.code, exit: exitOfError(thrown.code), message: thrown.message.trimEnd() };
  if (thrown instanceof UsageError) return { code: "USAGE", exit: EXIT.usage, message: thrown.message };
  if (thrown instanceof NotThere) return { code: "NOT_THERE", exit: EXIT.notFound, message: thrown.message };
  if (thrown instanceof Conflict) return { code: "CONFLICT", exit: EXIT.conflict, message: thrown.message };
  if (isCommanderError(thrown)) {
    const message = thrown.message.replace(/^error: /, "").trimEnd();
    return { code: "USAGE", exit: EXIT.usage, message };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const hint = "That is a fault of Tutti, or of code it loaded; -v shows where.";
  return { code: "UNEXPECTED", exit: EXIT.failure, message: `${message}\n${hint}` };
}

/** RFC 9457, without the status of a transport that there is not. */
function problemOf(thrown: unknown, { code, exit, message }: Described): object {
  const words = code.toLowerCase().replaceAll("_", " ");
  const list = thrown instanceof TuttiError ? thrown.data["list"] : undefined;
  return {
    type: `urn:tutti:error:${code.toLowerCase().replaceAll("_", "-")}`,
    title: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
    detail: message,
    code,
    exitCode: exit,
    ...(Array.isArray(list) && { problems: list as unknown[] }),
  };
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? "" : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}

/** By its shape: commander is not loaded for it. */
function isCommanderError(thrown: unknown): thrown is CommanderError {
  return thrown instanceof Error && "code" in thrown && String(thrown.code).startsWith("commander.");
}
