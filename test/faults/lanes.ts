/** Rounds side by side until there have been enough kills. */
import { emptyTally, playRound, type Tally } from "./lane.ts";

/** Not more than `maxRecoveries`: a step that is hit more often counts as poison, which is no violation. */
const KILLS_PER_ROUND = 10;

/** Stops at the first round with violations. */
export async function playLanes(options: {
  readonly seed: number;
  readonly kills: number;
  readonly lanes?: number;
}): Promise<{ readonly tally: Tally; readonly violations: readonly string[] }> {
  const { lanes = 2 } = options;
  const tally = emptyTally();
  const violations: string[] = [];
  let { seed } = options;
  const lane = async (): Promise<void> => {
    let left = Math.ceil(options.kills / lanes);
    while (left > 0 && violations.length === 0) {
      const round = await playRound({ seed: seed++, kills: Math.min(left, KILLS_PER_ROUND) });
      left -= round.tally.kills;
      addTo(tally, round.tally);
      violations.push(...round.violations);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { tally, violations };
}

function addTo(sum: Tally, more: Tally): void {
  for (const key of ["kills", "hits", "runs", "steps", "executions", "again", "programs", "acknowledged"] as const)
    sum[key] += more[key];
  for (const [point, count] of Object.entries(more.points)) sum.points[point] = (sum.points[point] ?? 0) + count;
  sum.longestRecoveryMs = Math.max(sum.longestRecoveryMs, more.longestRecoveryMs);
}
