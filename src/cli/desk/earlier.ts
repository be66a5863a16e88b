import { TuttiError } from "../../errors.ts";
import type { RunInfo } from "../../facets/view.ts";
import { hashOf } from "../../facets/workflows.ts";
import { isFile } from "../../host/files.ts";
import { storeName } from "../../host/owner.ts";
import { openReading } from "../../reading.ts";
import { isEndedRun } from "../../run/status.ts";
import { canonicalJson } from "../../std/json.ts";
import type { Asked } from "./desk.ts";

/**
 * The run as it has ended, when it has: then no engine is started to say so. Throws RUN_EXISTS when the id belongs to
 * another definition or input, also while that run is open.
 */
export async function earlier(store: string, { file, input, options }: Asked): Promise<RunInfo | undefined> {
  if (!isFile(storeName(store))) return undefined;
  await using reading = await openReading(store).catch(whenUnusable);
  const run = await reading?.get(options.runId);
  if (!run) return undefined;
  const differs =
    run.workflow.hash !== hashOf(file.definition)
      ? "another definition"
      : canonicalJson(run.input) !== canonicalJson(input)
        ? "another input"
        : undefined;
  if (differs) throw new TuttiError("RUN_EXISTS", { run: run.id, differs });
  return isEndedRun(run.status) ? run : undefined;
}

/** Not made yet, or of an older schema: whoever opens it for work will say. */
function whenUnusable(thrown: unknown): undefined {
  if (!(thrown instanceof TuttiError) || thrown.code !== "STORE_UNUSABLE") throw thrown;
}
