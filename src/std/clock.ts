/** Takes a scheduled call back; harmless after it has run. */
export type Disarm = () => void;

/**
 * Time, injected once at composition. Nothing else in Tutti may read a clock or set a timer
 * (the `tidy` test holds it), so a simulation owns time completely.
 */
export interface Clock {
  /** Wall clock, ms since 1970, UTC. */
  now(): number;
  /** Monotonic ms since some fixed point; never jumps with the wall clock. */
  uptime(): number;
  /** Calls `fn` once, `ms` from now by `uptime`. Waits above 2³¹ − 1 ms are split, never cut. */
  after(ms: number, fn: () => void): Disarm;
  /** Calls `fn` in the next turn of the event loop. */
  soon(fn: () => void): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  uptime: () => performance.now(),
  after(ms, fn) {
    const due = performance.now() + ms;
    let timer: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      const left = due - performance.now();
      timer = left > LONGEST_TIMER_MS ? setTimeout(arm, LONGEST_TIMER_MS) : setTimeout(fn, Math.max(0, left));
    };
    arm();
    return () => clearTimeout(timer);
  },
  soon: (fn) => void setImmediate(fn),
};

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = (): void => {
      disarm();
      reject(signal?.reason);
    };
    const disarm = clock.after(ms, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
