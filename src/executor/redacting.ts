import type { Secrets } from "../host/secrets.ts";
import type { LogLine } from "../task/log.ts";
import type { Attempt, Executor, Outcome } from "./port.ts";

/** The executor, with every remembered secret taken out of what comes back: logs, progress notes, result, failure. */
export function redacting(executor: Executor, secrets: Secrets): Executor {
  const clean = (outcome: Outcome): Outcome => {
    if (!outcome.ok) return { ok: false, failure: secrets.redactFailure(outcome.failure) };
    const json = secrets.redactJson(outcome.json);
    return json === outcome.json ? outcome : { ok: true, json };
  };
  return {
    restart: executor.restart,
    execute(attempt) {
      const outcome = executor.execute(new RedactedAttempt(attempt, secrets));
      return outcome instanceof Promise ? outcome.then(clean) : clean(outcome);
    },
  };
}

/** Getters, because a signal is made on first use. */
class RedactedAttempt implements Attempt {
  readonly #attempt: Attempt;
  readonly #secrets: Secrets;

  constructor(attempt: Attempt, secrets: Secrets) {
    this.#attempt = attempt;
    this.#secrets = secrets;
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
  get epoch(): number {
    return this.#attempt.epoch;
  }
  get idempotencyKey(): string {
    return this.#attempt.idempotencyKey;
  }
  get input(): string {
    return this.#attempt.input;
  }
  get maxResultBytes(): number {
    return this.#attempt.maxResultBytes;
  }
  get signal(): AbortSignal {
    return this.#attempt.signal;
  }
  progress(ratio: number, note?: string): void {
    this.#attempt.progress(ratio, note === undefined ? undefined : this.#secrets.redact(note));
  }
  log(level: LogLine["level"], text: string): void {
    this.#attempt.log(level, this.#secrets.redact(text));
  }
}
