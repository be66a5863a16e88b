/** A person or a script that waits for runs: what is shown meanwhile, and what Ctrl-C does. */
import type { EngineOptions, Owner, SettleOptions } from "./desk/desk.ts";
import type { StopSignal } from "../host/terminal.ts";
import type { Disarm } from "../std/clock.ts";
import type { Context } from "./context.ts";
import { Display } from "./display/display.ts";
import { visible } from "./display/text.ts";
import { exitOfSignal } from "./exit.ts";
import { Interrupted } from "./failure.ts";
import { Leaving } from "./leaving.ts";

/** A hand-back that takes longer is told of: nobody should wonder why the prompt does not come. */
const LONG_MS = 500;

export interface AttendanceOptions {
  /** The verb itself says how the run ended. */
  readonly concludes: boolean;
  /** Instead of leaving at the first SIGINT or SIGTERM. */
  readonly onInterrupt?: () => void;
}

export class Attendance implements Disposable {
  /**
   * Aborts at the first SIGINT or SIGTERM, unless there is `onInterrupt`; the second ends the process. Once it is
   * concluded they mean: hand back faster, and at once.
   */
  readonly signal: AbortSignal;
  readonly display: Display;
  /** By this signal, before there was anything to conclude. */
  interrupted: StopSignal | undefined;
  /** Who does the work. */
  owner: { readonly pid: number; readonly here: boolean } | undefined;
  readonly #context: Context;
  readonly #leaving: Leaving;
  #disarm: Disarm | undefined;

  constructor(context: Context, { concludes, onInterrupt }: AttendanceOptions) {
    const { terminal, err: look, clock, display: mode } = context;
    this.#context = context;
    this.display = new Display({ sink: terminal.stderr, look, clock, mode, concludes });
    terminal.onPrint((text) => this.display.print(text));
    const leave = new AbortController();
    this.signal = leave.signal;
    this.#leaving = new Leaving(terminal, (signal) => {
      if (this.#leaving.exit !== undefined) return leave.abort(new Interrupted(signal));
      this.interrupted = signal;
      if (onInterrupt) return onInterrupt();
      if (this.owner?.here)
        this.display.note("leaving; what runs may take a moment to stop; once more to quit at once");
      leave.abort(new Interrupted(signal));
    });
  }

  /** What an engine in this process is opened with. */
  get engine(): EngineOptions {
    const { maxConcurrentRuns, maxConcurrentTasks, abortGrace, shutdownGrace } = this.#context.config;
    const { terminal, quiet } = this.#context;
    // A warning of the engine is not a word too many: it is told to who is quiet, too, and beside what was concluded.
    const report = (line: string): void =>
      quiet || this.#leaving.exit !== undefined
        ? terminal.stderr.write(`tutti: ${visible(line)}\n`)
        : this.display.note(visible(line));
    return { maxConcurrentRuns, maxConcurrentTasks, abortGrace, shutdownGrace, report };
  }

  /** What the desk is to tell while it is waited for; nothing of steps where nobody would see it. */
  get listeners(): Pick<SettleOptions, "owned" | "progress" | "event"> {
    const owned = ({ pid }: Owner, here: boolean): void => {
      const taken = this.owner !== undefined && here && !this.owner.here;
      if (taken) this.display.note("the process that worked on it is gone; this one goes on");
      else if (!here && this.owner?.pid !== pid)
        this.display.note(`process ${pid} works on this store; waiting for it`);
      this.owner = { pid, here };
    };
    if (this.#context.display === "none") return { owned };
    return {
      owned,
      progress: (runId, progress) => this.display.progress(runId, progress),
      event: (event) => this.display.event(event),
    };
  }

  /**
   * Says how it ended, which nothing delays and nothing takes back: it is written before the store is handed back, and
   * signals no longer change the exit code, which is returned.
   */
  async conclude(say: () => number): Promise<number> {
    const { terminal, clock } = this.#context;
    this.#endDisplay();
    const told = say();
    const code = this.interrupted === undefined ? told : exitOfSignal(this.interrupted);
    this.#leaving.exit = code;
    await Promise.all([terminal.stdout.flush(), terminal.stderr.flush()]);
    if (this.owner?.here)
      this.#disarm = clock.after(LONG_MS, () =>
        this.#context.tell(
          "Other runs are handed back; what runs of them may take a moment to stop. Ctrl-C stops it now.",
        ),
      );
    return code;
  }

  [Symbol.dispose](): void {
    this.#disarm?.();
    this.#leaving[Symbol.dispose]();
    this.#endDisplay();
  }

  #endDisplay(): void {
    this.#context.terminal.onPrint(undefined);
    this.display.close();
  }
}
