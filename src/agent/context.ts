/** What the function of an agent or a step gets beside its input. */
export interface Context {
  readonly runId: string;
  /** The instance: `fetch`, `route:approved/ship`. */
  readonly path: string;
  /** From 1; grows with every retry. */
  readonly attempt: number;
  /** Equal across the attempts and crashes of the same work: hand it to whatever must not happen twice. */
  readonly idempotencyKey: string;
  /** Aborts on cancel, time-out and shutdown; its reason says which. */
  readonly signal: AbortSignal;
  /** How far this attempt is, 0..1. Shown, not journaled. */
  progress(ratio: number, note?: string): void;
  readonly log: {
    debug(text: string): void;
    info(text: string): void;
    warn(text: string): void;
    error(text: string): void;
  };
}
