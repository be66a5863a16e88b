import type { EndedRunStatus, Run, RunStatus } from "./state.ts";

/** The one word for a run; when several hold, the first of stranded, cancelling, paused, waiting, running. */
export function statusOf(run: Run): RunStatus {
  if (run.end) return run.end;
  if (run.stranded) return "stranded";
  if (run.stopping?.end === "cancelled") return "cancelling";
  if (run.paused) return "paused";
  if (run.startedAt === undefined) return "pending";
  const { running, ready, retrying, waiting } = run.tally;
  return running === 0 && ready === 0 && retrying + waiting > 0 ? "waiting" : "running";
}

export function isEndedRun(status: RunStatus): status is EndedRunStatus {
  return ENDS.has(status);
}

const ENDS: ReadonlySet<RunStatus> = new Set<EndedRunStatus>([
  "completed",
  "failed",
  "cancelled",
  "compensated",
  "compensation_failed",
]);
