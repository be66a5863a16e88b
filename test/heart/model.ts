/**
 * DESIGN 3.4 once more, for tests: how every step ends when it is known beforehand what each would come to if it ran.
 * Plain recursion over a finished graph: no events, no counts, no order of ends.
 */
import type { Fragment, Join, Step } from "../../src/workflow/definition.ts";

/** What a step comes to if it gets to run. A choose takes the branch. */
export type Fate = "completed" | "failed" | "cancelled" | "handled" | "not_taken" | { readonly branch: string };
/** How it ends. */
export type End = Exclude<Fate, object> | "upstream_failed" | "upstream_cancelled";

/** Adds the end of every step under `prefix` to `ends`; whether the fragment fails. Steps stand after their needs. */
export function endsOf(
  { steps }: Fragment,
  fates: ReadonlyMap<string, Fate>,
  ends: Map<string, End>,
  prefix = "",
): boolean {
  for (const [id, step] of Object.entries(steps)) {
    const needs = Object.values(step.needs ?? {}).map((need) => ends.get(prefix + need) as End);
    const path = prefix + id;
    const upstream = joined(step.join ?? "all", needs);
    ends.set(path, upstream ?? endOf(step, path, fates, ends));
  }
  return Object.keys(steps).some((id) => ends.get(prefix + id) === "failed" && !isCaught(id, steps));
}

function endOf(step: Step, path: string, fates: ReadonlyMap<string, Fate>, ends: Map<string, End>): End {
  const fate = fates.get(path) as Fate;
  if (typeof fate !== "object") return fate;
  const branch = (step.kind === "choose" && step.branches[fate.branch]) as Fragment;
  return endsOf(branch, fates, ends, `${path}:${fate.branch}/`) ? "failed" : "completed";
}

/** Why a step with such needs does not run; `undefined` when it does. */
function joined(join: Join, needs: readonly End[]): End | undefined {
  const some = (...ends: readonly End[]): boolean => needs.some((need) => ends.includes(need));
  if (needs.length === 0 || join === "settled") return undefined;
  const dead = needs.every((need) => need === "not_taken") ? "not_taken" : undefined;
  if (join === "all") {
    if (some("failed", "upstream_failed")) return "upstream_failed";
    return some("cancelled", "upstream_cancelled") ? "upstream_cancelled" : dead;
  }
  const quorum = join === "any" ? 1 : join.quorum;
  if (needs.filter((need) => need === "completed").length >= quorum) return undefined;
  return quorum === 1 && dead ? dead : "upstream_failed";
}

function isCaught(id: string, steps: Fragment["steps"]): boolean {
  const dependants = Object.values(steps).filter(({ needs }) => Object.values(needs ?? {}).includes(id));
  return dependants.length > 0 && dependants.every(({ join }) => join !== undefined && join !== "all");
}
