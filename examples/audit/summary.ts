/** The last words: where the report is, and where the time went. */
import type { RunInfo } from "tutti";
import { span, type StepState } from "./progress.ts";
import type { Audit } from "./runs.ts";
import { criticalPath, shares, type StepTime } from "./times.ts";
import { percent } from "./wording.ts";
import { audit } from "./workflow.ts";

/** The steps of a run as its store knows them, in the order of the workflow. */
export function stepsOf(info: RunInfo): (StepState & StepTime)[] {
  const notes = new Map(info.progress.currentSteps.map(({ path, note }) => [path, note]));
  return Object.entries(audit.definition.steps).map(([id, { needs = {} }]) => {
    const step = info.steps[id];
    return {
      id,
      needs: Object.values(needs),
      status: step?.status ?? "pending",
      agent: step?.agent,
      startedAt: parse(step?.startedAt),
      endedAt: parse(step?.endedAt),
      note: notes.get(id),
    };
  });
}

export function summary(info: RunInfo, { grade, report }: Audit): string {
  const steps = stepsOf(info);
  const path = criticalPath(steps);
  const length = path.reduce((sum, { ms }) => sum + ms, 0);
  const interrupted = Object.values(info.steps).filter(({ recoveries }) => recoveries > 0);
  const lines = [
    `Risk           ${grade.risk ?? "not graded"} (${grade.votes.map((vote) => `${vote.viewpoint} ${vote.risk}`).join(", ")})`,
    `Report         ${report.path}`,
    `Run            ${info.id}`,
    `Critical path  ${path.map(({ id, ms }) => `${id} ${span(ms)}`).join(" > ")} = ${span(length)}`,
    `Time by agent  ${shares(steps)
      .map(({ agent, ms, share }) => `${agent} ${span(ms)} (${percent(share)})`)
      .join(", ")}`,
  ];
  if (interrupted.length > 0)
    lines.push(`               The interruption counts in the time of ${interrupted.map(({ id }) => id).join(", ")}.`);
  return lines.join("\n");
}

function parse(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
