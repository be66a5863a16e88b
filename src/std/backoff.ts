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
  const ceiling = Math.min(
    policy.maximumIntervalMs,
    policy.initialIntervalMs * policy.backoffCoefficient ** (attempt - 1),
  );
  return Math.ceil(ceiling * (1 - ratio));
}
