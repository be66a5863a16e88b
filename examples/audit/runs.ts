/** Which run to follow: the open one of the same audit, if there is one, else a new one. */
import type { Orchestrator, RunHandle } from "tutti";
import type { Grade, Repository } from "./findings.ts";
import type { Written } from "./agents/writer.ts";
import { audit } from "./workflow.ts";

export interface Audit {
  readonly grade: Grade;
  readonly report: Written;
}

export interface Chosen {
  readonly run: RunHandle<Audit>;
  /** It had been stopped, and goes on. */
  readonly resumed: boolean;
}

const OPEN = ["pending", "running", "waiting", "paused", "stranded"] as const;

/**
 * Opening the store has already set every unfinished run going again; here we only find ours. A run whose workflow
 * has changed since (`stranded`) cannot go on: it is cancelled and begun anew.
 */
export async function startOrGoOn(tutti: Orchestrator, repository: Repository, out: string): Promise<Chosen> {
  const tag = `${repository.commit ?? "empty"} ${repository.root} ${out}`;
  const { items } = await tutti.runs.list({ workflow: audit.definition.id, tag, status: OPEN });
  for (const { id, status } of items) {
    if (status === "stranded") {
      await tutti.runs.cancel(id, "the workflow has changed");
      continue;
    }
    if (status === "paused") await tutti.runs.resume(id);
    return { run: tutti.runs.handle<Audit>(id), resumed: true };
  }
  return { run: await tutti.runs.start(audit, { repository, out }, { tags: [tag] }), resumed: false };
}
