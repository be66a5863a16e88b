/** How an agent is reached. One executor per way; each passes the contract suite (contract.ts). */
import type { Failure } from "../errors.ts";
import type { LogLine } from "../task/log.ts";

/** One attempt to be carried out. `input` is JSON text, so nothing is shared with whoever made it. */
export interface Attempt {
  readonly runId: string;
  readonly path: string;
  readonly attempt: number;
  readonly epoch: number;
  /** Equal across attempts and crashes of the same work. */
  readonly idempotencyKey: string;
  readonly input: string;
  readonly maxResultBytes: number;
  /** Aborts on cancel, time-out, shutdown; the reason says which. Made on first use. */
  readonly signal: AbortSignal;
  readonly progress: (ratio: number, note?: string) => void;
  readonly log: (level: LogLine["level"], text: string) => void;
}

/** JSON text, or a failure. Never a throw: whatever an agent does, an executor answers. */
export type Outcome = { readonly ok: true; readonly json: string } | { readonly ok: false; readonly failure: Failure };

export interface Executor {
  /**
   * What a restart of ours means for attempts it had running: `lost` = whatever was left is confirmed dead by
   * `reap`, then a new epoch at once. (`adopt` and `await` come with the executors that can.)
   */
  readonly restart: "lost";
  /**
   * Carries out one attempt and resolves when it has really ended: after an abort too, when nothing of it runs
   * any more (or, where that cannot be forced, when the work itself returns). An outcome that is there at once is
   * returned as it is: a synchronous function costs no promise.
   */
  execute(attempt: Attempt): Outcome | Promise<Outcome>;
}
