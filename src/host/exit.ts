/**
 * The end of this process. The command keeps it to itself: code of a step that calls `process.exit` would end every
 * other run with it, and let a script believe that all was done.
 */
import { writeSync } from "node:fs";

interface Exits {
  exit(code?: number): never;
  /** What Node's own `exit` ends with, without asking anybody; some packages call it. */
  reallyExit(code?: number): never;
}

const own = process as unknown as Exits;
let kept: Exits | undefined;

/** From here on only `exitProcess` ends this process. One that ends without it has not done what it was to do: 1. */
export function keepExit(): void {
  const exits = { exit: own.exit, reallyExit: own.reallyExit };
  kept = exits;
  own.exit = own.reallyExit = (code) => {
    throw new Error(`code of a step or module called process.exit(${code ?? ""})`);
  };
  process.on("exit", () => {
    if (kept !== exits) return;
    process.exitCode = 1;
    writeSync(2, "tutti: the process ended before the command had. Every run is kept as it is.\n");
  });
}

/** At once, with this code, whatever listeners of others do. */
export function exitProcess(code: number): never {
  if (!kept) return process.exit(code);
  const { exit, reallyExit } = kept;
  kept = undefined;
  own.reallyExit = reallyExit;
  process.on("exit", () => void (process.exitCode = code));
  try {
    return exit(code);
  } finally {
    // A listener has thrown.
    reallyExit.call(process, code);
  }
}
