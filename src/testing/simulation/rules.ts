/** DESIGN 3.4 once more, in its own words and on purpose not in the heart's: what the oracle holds the heart to. */
import type { Instance, Run } from "../../run/state.ts";

/** Why this instance may not begin now; `undefined`: it may. */
export function mayNotBegin(run: Run, instance: Instance): string | undefined {
  if (run.end !== undefined) return "its run has ended";
  if (run.paused) return "its run is paused";
  if (run.stranded) return "its run is stranded";
  if (run.stopping) return "its run is stopping";
  if (instance.status !== "ready" && instance.status !== "retrying") return `it is ${instance.status}`;
  const { step } = instance.step;
  if (step.kind !== "task") return "it is no task";
  if (step.when !== undefined && !instance.admitted) return "its condition has not said yes";
  if (instance.parent !== -1 && run.instances.at(instance.parent).opened === undefined) return "its scope is not open";
  return joinMissing(run, instance);
}

function joinMissing(run: Run, instance: Instance): string | undefined {
  const { step } = instance.step;
  const siblings = [...run.instances].filter(({ parent }) => parent === instance.parent);
  const needs = Object.values(step.needs ?? {}).map((id) => siblings.find((one) => one.step.id === id) as Instance);
  const join = step.join ?? "all";
  const open = needs.filter((need) => endOf(need) === undefined).map(({ path }) => path);
  const completed = needs.filter(({ status }) => status === "completed").length;
  if (join === "settled") return open.length === 0 ? undefined : `${open.join(", ")} has not ended`;
  if (join !== "all") {
    const quorum = join === "any" ? 1 : join.quorum;
    return needs.length === 0 || completed >= quorum ? undefined : `${completed} of ${quorum} needs are completed`;
  }
  if (open.length > 0) return `${open.join(", ")} has not ended`;
  const bad = needs.find((need) => endOf(need) === "failed" || endOf(need) === "cancelled");
  if (bad) return `${bad.path} has ${endOf(bad)}`;
  return needs.length > 0 && needs.every((need) => endOf(need) === "not_taken")
    ? "none of its needs was taken"
    : undefined;
}

/** How a need counts: a skip by what it carries. `undefined`: it has not ended. */
function endOf({
  status,
  reason,
}: Instance): "completed" | "failed" | "cancelled" | "not_taken" | "handled" | undefined {
  if (status === "completed" || status === "failed" || status === "cancelled") return status;
  if (status !== "skipped") return undefined;
  if (reason === "upstream_failed") return "failed";
  return reason === "upstream_cancelled" ? "cancelled" : reason;
}
