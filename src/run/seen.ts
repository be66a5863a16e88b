/** What an instance sees when it runs: which needs, under which names, and what of them. Data only; values stay refs. */
import type { Failure } from "../errors.ts";
import type { SkipReason } from "./events.ts";
import { seenNeeds } from "./instance.ts";
import type { Ref } from "./ref.ts";
import type { Instance, Run } from "./state.ts";

/** What one need shows: its output, or under `settled` how it ended. */
export type Seen =
  | { readonly name: string; readonly output: Ref }
  | { readonly name: string; readonly settled: "completed"; readonly output: Ref }
  | { readonly name: string; readonly settled: "failed"; readonly error: Failure }
  | { readonly name: string; readonly settled: "skipped" | "cancelled"; readonly reason: SkipReason | "cancelled" };

/**
 * The needs of an instance by name, after those of the scopes around it: an own name hides an outer one, also when
 * it has no value. A need that was skipped has none and is left out, except under `settled`, which sees every end.
 */
export function seenBy(run: Run, instance: Instance): readonly Seen[] {
  const own = ownNeeds(run, instance);
  if (instance.parent === -1) return own;
  const names = new Set(instance.step.needNames);
  const passed = seenBy(run, run.instances.at(instance.parent));
  return [...passed.filter(({ name }) => !names.has(name)), ...own];
}

function ownNeeds(run: Run, instance: Instance): readonly Seen[] {
  const { step } = instance;
  if (step.needs.length === 0) return [];
  const seen = new Set(seenNeeds(run, instance).map(({ index }) => index));
  const needs: Seen[] = [];
  for (let i = 0; i < step.needs.length; i++) {
    const need = run.instances.at(instance.base + (step.needs[i] as number));
    const name = step.needNames[i] as string;
    if (!seen.has(need.index)) continue;
    if (step.join === "settled") needs.push(settled(name, need));
    else if (need.output) needs.push({ name, output: need.output });
  }
  return needs;
}

function settled(name: string, need: Instance): Seen {
  if (need.status === "completed" && need.output) return { name, settled: "completed", output: need.output };
  if (need.status === "failed" && need.error) return { name, settled: "failed", error: need.error };
  return need.status === "skipped"
    ? { name, settled: "skipped", reason: need.reason ?? "not_taken" }
    : { name, settled: "cancelled", reason: "cancelled" };
}
