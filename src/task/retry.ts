/** Whether a failed task is tried again, and when: the same rule for a step's attempts and, later, a job's. */
import type { Failure } from "../errors.ts";
import { backoffMs } from "../std/backoff.ts";
import type { RetryPolicy } from "../workflow/definition.ts";

/**
 * The wait in ms before the next execution, or `undefined` when there is none. `used`: executions so far in this
 * round. `ratio` in [0, 1) is the jitter: full, under the policy's ceiling. What a rate limit asked for is kept.
 */
export function retryWaitMs(policy: RetryPolicy, failure: Failure, used: number, ratio: number): number | undefined {
  if (used >= policy.maximumAttempts || !policy.retryOn.includes(failure.kind)) return undefined;
  return Math.max(backoffMs(policy, used, ratio), failure.retryAfterMs ?? 0);
}
