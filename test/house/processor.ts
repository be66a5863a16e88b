import { readFileSync } from "node:fs";

/**
 * How long this thread had a processor while it did the work, in ms: what the work costs, however busy the machine
 * is. (Wall time where the kernel does not tell.) The better of two, because the first warms up.
 */
export function processorMs(work: () => void): number {
  return Math.min(once(work), once(work));
}

function once(work: () => void): number {
  const before = nowMs();
  work();
  return nowMs() - before;
}

function nowMs(): number {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
