/** Where the time of a finished run went, from the times its store kept. */

export interface StepTime {
  readonly id: string;
  readonly needs: readonly string[];
  /** The agent that did it; a step that runs a function of the workflow has none. */
  readonly agent: string | undefined;
  /** ms since 1970. A step that never began has none. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

type Timed = StepTime & { readonly startedAt: number; readonly endedAt: number };

function timed(steps: readonly StepTime[]): Timed[] {
  return steps.filter((step): step is Timed => step.startedAt !== undefined && step.endedAt !== undefined);
}

/** The chain that the run had to wait for: from its last step back, each time the need that ended last. */
export function criticalPath(steps: readonly StepTime[]): { readonly id: string; readonly ms: number }[] {
  const byId = new Map(timed(steps).map((step) => [step.id, step]));
  const path: { id: string; ms: number }[] = [];
  let step = latest([...byId.values()]);
  while (step !== undefined) {
    path.unshift({ id: step.id, ms: step.endedAt - step.startedAt });
    step = latest(step.needs.flatMap((id) => byId.get(id) ?? []));
  }
  return path;
}

function latest(steps: readonly Timed[]): Timed | undefined {
  return steps.reduce<Timed | undefined>(
    (last, step) => (last && last.endedAt >= step.endedAt ? last : step),
    undefined,
  );
}

/** Each agent's part of all working time, largest first; steps without an agent count as `(steps)`. */
export function shares(
  steps: readonly StepTime[],
): { readonly agent: string; readonly ms: number; readonly share: number }[] {
  const busy = new Map<string, number>();
  for (const { agent = "(steps)", startedAt, endedAt } of timed(steps))
    busy.set(agent, (busy.get(agent) ?? 0) + endedAt - startedAt);
  const all = [...busy.values()].reduce((a, b) => a + b, 0);
  return [...busy].map(([agent, ms]) => ({ agent, ms, share: all === 0 ? 0 : ms / all })).sort((a, b) => b.ms - a.ms);
}
