/** DESIGN 3.4 once more, in its own words and on purpose not in the heart's: what the oracle holds the heart to. */
import type { RunEvent } from "../../run/events.ts";
import type { Instance, Run } from "../../run/state.ts";
import type { Json } from "../../std/json.ts";

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
  return joinMissing(run, instance) ?? notNeeded(run, instance);
}

/** Why a step may not fail so; `undefined`: it may, or it does not. What we cannot do is never the step's failure. */
export function mayNotFail({ at, data }: RunEvent, pausedAt: number | undefined): string | undefined {
  const error = "error" in data ? data.error : undefined;
  if (error?.message.includes("(simulated)")) return `the store's trouble is not its own: ${error.message}`;
  // At the same instant, its time may have been over first; and a scope may end late of what happened inside it before.
  const held = pausedAt !== undefined && at !== pausedAt && error?.path === undefined;
  return error?.code === "SCHEDULE_TO_START" && held ? "it may not begin while its run is paused" : undefined;
}

/**
 * What a step that maps nothing is given: the run's input and what its needs have committed, by name. `undefined`:
 * not one of the plain cases (other joins, scopes, large values) that this rule knows.
 */
export function plainInput(run: Run, instance: Instance): Json | undefined {
  const { step } = instance.step;
  if (step.kind !== "task" || step.input !== undefined || instance.parent !== -1) return undefined;
  if ((step.join ?? "all") !== "all") return undefined;
  const needs: Record<string, Json> = {};
  for (const [name, id] of Object.entries(step.needs ?? {})) {
    const need = siblingsOf(run, instance).find((one) => one.step.id === id);
    if (!need?.output) continue;
    if (!("json" in need.output)) return undefined;
    needs[name] = JSON.parse(need.output.json) as Json;
  }
  return "json" in run.input ? { input: JSON.parse(run.input.json) as Json, needs } : undefined;
}

/** What a run comes to when its definition says nothing: the outputs of the steps that nothing needs, by id. */
export function plainOutput(run: Run): Json | undefined {
  const { steps, output } = run.pinned.definition;
  if (output !== undefined) return undefined;
  const needed = new Set(Object.values(steps).flatMap((step) => Object.values(step.needs ?? {})));
  const outputs: Record<string, Json> = {};
  for (const { parent, step, output: ref } of run.instances) {
    if (parent !== -1 || needed.has(step.id) || !ref) continue;
    if (!("json" in ref)) return undefined;
    outputs[step.id] = JSON.parse(ref.json) as Json;
  }
  return outputs;
}

function joinMissing(run: Run, instance: Instance): string | undefined {
  const { step } = instance.step;
  const siblings = siblingsOf(run, instance);
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

/** `rest: cancel`: what is reached without it stops it, for good. */
function notNeeded(run: Run, instance: Instance): string | undefined {
  for (const { path, readyAt, step } of siblingsOf(run, instance)) {
    const needed = Object.values(step.step.needs ?? {}).includes(instance.step.id);
    if (needed && step.step.rest === "cancel" && readyAt !== undefined)
      return `${path} has cancelled the rest of its needs`;
  }
  return undefined;
}

function siblingsOf(run: Run, { parent }: Instance): readonly Instance[] {
  return [...run.instances].filter((one) => one.parent === parent);
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
