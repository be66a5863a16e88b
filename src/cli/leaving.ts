/** A wait that Ctrl-C or SIGTERM ends. */
import type { StopSignal, Terminal } from "../host/terminal.ts";
import { exitOfSignal } from "./exit.ts";
import { Interrupted } from "./failure.ts";

export class Leaving implements Disposable {
  readonly signal: AbortSignal;
  /** What the second one ends the process with, when that is known already; else the code of the signal. */
  exit: number | undefined;
  readonly #restore: () => void;

  /** The first stop signal calls `first` or, where there is none, aborts `signal`; the second ends the process at once. */
  constructor(terminal: Terminal, first?: (signal: StopSignal) => void) {
    const leave = new AbortController();
    this.signal = leave.signal;
    let asked = false;
    this.#restore = terminal.onStop((signal) => {
      if (asked) terminal.exit(this.exit ?? exitOfSignal(signal));
      asked = true;
      if (first) first(signal);
      else leave.abort(new Interrupted(signal));
    });
  }

  throwIfLeft(): void {
    this.signal.throwIfAborted();
  }

  [Symbol.dispose](): void {
    this.#restore();
  }
}
