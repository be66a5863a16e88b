import type { Progress } from "../../run/progress.ts";
import { isEndedRun } from "../../run/status.ts";

/** It has ended, or goes on only by a person or a signal: not for this is it waited. Timers and agents are. */
export function isSettled({ status, running }: Progress): boolean {
  return isEndedRun(status) || status === "stranded" || (status === "paused" && running === 0);
}
