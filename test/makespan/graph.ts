import type { Handle, Workflow } from "tutti";
import { workflow } from "tutti";
import type { Case } from "./cases.ts";

export const SLOTS: readonly number[] = [4, 8];
const STG_MS = 25;

/** Real workflows say how their seconds are scaled. */
export function msPerUnit({ suggestedMsPerSec }: Case): number {
  return suggestedMsPerSec ?? STG_MS;
}

/** The graph as a workflow. Ids carry the place in the file: the reference settles ties by it, Tutti by ids. */
export function graphOf(one: Case, work: (ms: number) => Promise<null> | null): Workflow<null, object> {
  const { id, tasks } = one;
  const scale = msPerUnit(one);
  return workflow({ id, version: "1" }, (w) => {
    const handles = new Map<string, Handle<unknown>>();
    const open = tasks.map((task, place) => ({ ...task, name: `t${String(place).padStart(4, "0")}` }));
    // A file may name a task before what it needs.
    for (let left = open; left.length > 0; left = left.filter((task) => !handles.has(task.id))) {
      for (const { id: own, name, dur, deps } of left) {
        if (handles.has(own) || !deps.every((dep) => handles.has(dep))) continue;
        const needs = Object.fromEntries(deps.map((dep) => [dep, handles.get(dep) as Handle<unknown>]));
        const ms = dur * scale;
        handles.set(own, w.task(name, { needs, estimateMs: ms, input: null, run: () => work(ms) }));
      }
    }
    return {};
  });
}
