/** What may be asked of whoever owns a store: the runtime port's verbs, in the shapes people and programs see. */
import type { TuttiEvent } from "../../facets/event.ts";
import type { StartOptions } from "../../facets/runs.ts";
import type { RunInfo, RunLine } from "../../facets/view.ts";
import type { WorkflowFile } from "../../host/document.ts";
import type { Progress } from "../../run/progress.ts";
import type { RunFilter } from "../../run/runtime.ts";
import type { Json } from "../../std/json.ts";
import type { LogLine } from "../../task/log.ts";
import type { Verb } from "./request.ts";

export interface Control {
  /** The file counts as run by its owner at the command line: it may name modules and programs. */
  start(file: WorkflowFile, input: Json, options: StartOptions & { readonly runId: string }): Promise<void>;
  post(runId: string, verb: Verb, reason?: string): Promise<void>;
  get(runId: string): Promise<RunInfo | undefined>;
  list(filter: RunFilter): Promise<{ readonly items: readonly RunLine[]; readonly nextCursor: string | undefined }>;
  logs(runId: string, path?: string): Promise<readonly LogLine[]>;
  /** Until the run ends or the signal aborts. */
  events(runId: string, fromSeq: number, signal: AbortSignal): AsyncIterable<TuttiEvent>;
  /** The last value at once, then every change that a slow reader has not missed; as long as `events`. */
  progress(runId: string, signal: AbortSignal): AsyncIterable<Progress>;
}
