export interface Backoff {
  readonly initialIntervalMs: number;
  readonly backoffCoefficient: number;
  readonly maximumIntervalMs: number;
}

/**
 * The wait before the next attempt: full jitter, uniform in (0, min(cap, initial × coefficient^(attempt − 1))].
 * `ratio` in [0, 1) comes from the caller, so a replay computes the same wait.
 */
export function backoffMs(policy: Backoff, attempt: number, ratio: number): number {
  // Bounded, because an infinite growth of an interval of nothing is not a number.
  const growth = Math.min(Number.MAX_VALUE, policy.backoffCoefficient ** (attempt - 1));
  const ceiling = Math.min(policy.maximumIntervalMs, policy.initialIntervalMs * growth);
  return Math.ceil(ceiling * (1 - ratio));
}
