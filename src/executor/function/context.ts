import type { Context } from "../../agent/context.ts";
import type { LogLine } from "../../task/log.ts";
import type { Attempt } from "../port.ts";

/**
 * What the function sees of its attempt. Made on use and bound, so that `({ progress, log }) => …` works and an agent
 * that needs nothing costs nothing. Deaf once the function has returned: what it left behind cannot speak for it.
 */
export class AttemptContext implements Context {
  readonly #attempt: Attempt;
  #open = true;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  get runId(): string {
    return this.#attempt.runId;
  }
  get path(): string {
    return this.#attempt.path;
  }
  get attempt(): number {
    return this.#attempt.attempt;
  }
  get idempotencyKey(): string {
    return this.#attempt.idempotencyKey;
  }
  get signal(): AbortSignal {
    return this.#attempt.signal;
  }
  get progress(): Context["progress"] {
    return (ratio, note) => {
      if (!this.#open || !Number.isFinite(ratio)) return;
      this.#attempt.progress(Math.min(1, Math.max(0, ratio)), note === undefined ? undefined : asText(note));
    };
  }
  get log(): Context["log"] {
    const write = (level: LogLine["level"]) => (text: string) => {
      if (this.#open) this.#attempt.log(level, asText(text));
    };
    return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  }

  close(): void {
    this.#open = false;
  }
}

/** JavaScript passes anything. */
function asText(value: unknown): string {
  try {
    return (typeof value === "string" ? value : (JSON.stringify(value) ?? String(value))).toWellFormed();
  } catch {
    return "a value that cannot be shown";
  }
}
