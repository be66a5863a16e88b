/** The part of a task's context that the audit's agents use. */
export interface Context {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly progress: (ratio: number, note?: string) => void;
}
