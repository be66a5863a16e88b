/** What is known of an agent: its card. How it is reached is the executor's business. */
export interface AgentCard {
  readonly id: string;
  readonly name?: string;
  readonly capabilities: readonly string[];
  /** Semver; `0.0.0` when not given. */
  readonly version: string;
  readonly tags: readonly string[];
  /** Tasks at a time. */
  readonly maxConcurrency: number;
  /** The executor that reaches it: `function`, `process`, … */
  readonly executor: string;
}

export const DEFAULT_VERSION = "0.0.0";

/** Tasks at a time for an agent that does not say. */
export const DEFAULT_MAX_CONCURRENCY = 16;
