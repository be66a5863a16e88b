/** Steps that no agent of their own file fits: not wrong, for others may be registered with whoever runs it, but worth a word. */
import { DEFAULT_MAX_CONCURRENCY } from "../agent/card.ts";
import { describeSelector, matches } from "../agent/match.ts";
import type { AgentSelector } from "../agent/match.ts";
import type { Fragment, WorkflowDefinition } from "../workflow/definition.ts";

const MOST_TOLD = 5;

/** One line for each, five at most. */
export function unmatched(definition: WorkflowDefinition): readonly string[] {
  const cards = (definition.agents ?? []).map((declared) => ({
    maxConcurrency: DEFAULT_MAX_CONCURRENCY,
    tags: [],
    ...declared,
    executor: declared.uses === undefined ? "process" : "function",
  }));
  const fits = (selector: AgentSelector): boolean => cards.some((card) => matches(selector, card));
  const lines: string[] = [];
  const open: Fragment[] = [definition];
  for (let fragment = open.pop(); fragment !== undefined; fragment = open.pop()) {
    for (const [id, step] of Object.entries(fragment.steps)) {
      if (step.kind === "choose") open.push(...Object.values(step.branches));
      else if (step.agent && !fits(step.agent))
        lines.push(`step ${id} will wait for an agent: none of this file fits ${describeSelector(step.agent)}`);
    }
  }
  const more = lines.length - MOST_TOLD;
  return more > 0 ? [...lines.slice(0, MOST_TOLD), `and ${more} more steps`] : lines;
}
