/** What a terminal can do with the runs of a store, whoever owns it: this process, another one, or nobody. */
import type { TuttiEvent } from "../../facets/event.ts";
import type { StartOptions } from "../../facets/runs.ts";
import type { RunInfo, RunLine } from "../../facets/view.ts";
import type { WorkflowFile } from "../../host/document.ts";
import type { Progress } from "../../run/progress.ts";
import type { RunFilter } from "../../run/runtime.ts";
import type { Json } from "../../std/json.ts";
import type { LogLine } from "../../task/log.ts";

export interface Owner {
  readonly pid: number;
  readonly socket: string | undefined;
}

export type Verb = "pause" | "resume" | "cancel" | "kill";

/** What may be read; nothing is started by it. */
export interface ReadingDesk extends AsyncDisposable {
  /** Who has the store open for work; `undefined`: nobody. */
  readonly owner: Owner | undefined;
  get(runId: string): Promise<RunInfo | undefined>;
  list(filter: RunFilter): Promise<{ readonly items: readonly RunLine[]; readonly nextCursor: string | undefined }>;
  /** Every event after `fromSeq`, then what comes, until the run ends, the signal aborts or the owner is gone. */
  events(runId: string, fromSeq: number, signal: AbortSignal): AsyncIterable<TuttiEvent>;
  logs(runId: string, path?: string): Promise<readonly LogLine[]>;
  /** The last value at once, then every change, until the run ends, the signal aborts or the owner is gone. */
  progress(runId: string, signal: AbortSignal): AsyncIterable<Progress>;
}

export interface Desk extends ReadingDesk {
  /** Resolves when it is durable. `options.runId` names it, so that asking again after a lost answer starts it once. */
  start(file: WorkflowFile, input: Json, options: StartOptions & { readonly runId: string }): Promise<void>;
  post(runId: string, verb: Verb, reason?: string): Promise<void>;
  /** Every run that had not ended when the engine started. */
  readonly open: readonly string[];
}
