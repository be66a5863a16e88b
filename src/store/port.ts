/**
 * The durable port, in the domain's words. The engine sees only this; adapters implement `RowStore` (rows.ts),
 * which knows rows and no meaning, and `store/codec.ts` stands between them.
 */
import type { RunEvent } from "../run/events.ts";
import type { Ref } from "../run/ref.ts";
import type { RunFilter, RunPage } from "../run/runtime.ts";
import type { Instance, Run } from "../run/state.ts";
import type { LogLine } from "../task/log.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";

/** One aggregate's part of a commit: a run's new events, its head, the instances those events changed, its log lines. */
export interface RunCommit {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  readonly changed: readonly Instance[];
  readonly logs: readonly LogLine[];
  /** With the run's first events only. */
  readonly definition?: WorkflowDefinition;
}

export interface Store extends AsyncDisposable {
  /** A name of this store, made with it: marks every process we spawn. */
  readonly id: string;
  /**
   * Durable when it resolves: synced, all of it, in order. If the disk refuses a sync the process exits at once,
   * because nothing it could still say would be true. A commit that was refused, or whose answer was lost, may be
   * asked for again as it is: its events are written once.
   */
  commit(commits: readonly RunCommit[]): Promise<void>;
  /** Every run that has not ended, from heads and instances, never from the journal. Damaged ones are named, not thrown. */
  openRuns(): Promise<{
    readonly runs: readonly Run[];
    readonly damaged: readonly { readonly runId: string; readonly problem: string }[];
  }>;
  run(runId: string): Promise<Run | undefined>;
  runs(filter: RunFilter): Promise<RunPage>;
  /** Events after `afterSeq`, at most `limit`. Throws RUN_DAMAGED where their chain is broken, as `run` does for rows that cannot be. */
  events(runId: string, afterSeq: number, limit: number): Promise<readonly RunEvent[]>;
  logs(runId: string, path: string | undefined, limit: number): Promise<readonly LogLine[]>;
  definition(hash: string): Promise<WorkflowDefinition | undefined>;
  /** Stored once by content hash; durable when it resolves. */
  putBlob(json: string): Promise<Ref>;
  /** The text of a ref, inline or stored. */
  text(ref: Ref): Promise<string>;
}
