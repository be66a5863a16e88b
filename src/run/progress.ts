import type { AttemptProgress, RunView } from "./runtime.ts";
import { isEnded } from "./instance.ts";
import type { Run, RunStatus } from "./state.ts";
import { statusOf } from "./status.ts";

/** How far a run is. Counts are of instances known so far: the total grows when a scope opens. */
export interface Progress {
  readonly status: RunStatus;
  /** ended ÷ total, 0..1; 1 for a run that has no steps left. */
  readonly ratio: number;
  readonly total: number;
  readonly ended: number;
  readonly completed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly running: number;
  /** Steps under way, with what their attempts say of themselves. */
  readonly currentSteps: readonly CurrentStep[];
  /** The phase labels of the steps under way. */
  readonly phases: readonly string[];
  /** Time left on the longest path by the steps' estimates; only when every step that is left has one. */
  readonly etaMs: number | undefined;
}

export interface CurrentStep {
  readonly path: string;
  readonly ratio: number | undefined;
  readonly note: string | undefined;
}

export function progressOf({ run, attempts }: RunView): Progress {
  const { total, ended, tally } = counts(run);
  const byPath = new Map(attempts.map((attempt) => [attempt.path, attempt]));
  const under = underWay(run, byPath);
  return {
    status: statusOf(run),
    ratio: total === 0 ? 1 : ended / total,
    total,
    ended,
    completed: tally.completed,
    failed: tally.failed,
    skipped: tally.skipped,
    cancelled: tally.cancelled,
    running: tally.running,
    ...under,
  };
}

function counts(run: Run): { readonly total: number; readonly ended: number; readonly tally: Run["tally"] } {
  const { tally } = run;
  const ended = tally.completed + tally.failed + tally.skipped + tally.cancelled;
  return { total: run.instances.length, ended, tally };
}

function underWay(
  run: Run,
  attempts: ReadonlyMap<string, AttemptProgress>,
): Pick<Progress, "currentSteps" | "phases" | "etaMs"> {
  const currentSteps: CurrentStep[] = [];
  const phases = new Set<string>();
  let etaMs = 0;
  let estimated = true;
  for (const { status, path, step } of run.instances) {
    if (isEnded(status)) continue;
    estimated &&= step.step.estimateMs !== undefined;
    etaMs = Math.max(etaMs, step.remaining);
    if (status !== "running") continue;
    const attempt = attempts.get(path);
    currentSteps.push({ path, ratio: attempt?.ratio, note: attempt?.note });
    if (step.step.phase !== undefined) phases.add(step.step.phase);
  }
  return { currentSteps, phases: [...phases], etaMs: estimated && run.end === undefined ? etaMs : undefined };
}
