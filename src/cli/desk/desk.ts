/** What a terminal can do with the runs of a store, whoever owns it: this process, another one, or nobody. */
import type { TuttiEvent } from "../../facets/event.ts";
import type { StartOptions } from "../../facets/runs.ts";
import type { RunInfo, RunLine } from "../../facets/view.ts";
import type { WorkflowFile } from "../../host/document.ts";
import type { OrchestratorOptions } from "../../options.ts";
import type { Progress } from "../../run/progress.ts";
import type { RunFilter } from "../../run/runtime.ts";
import type { Json } from "../../std/json.ts";
import type { Control } from "../../server/control/control.ts";
import type { LogLine } from "../../task/log.ts";

export interface Owner {
  readonly pid: number;
  readonly socket: string | undefined;
}

export type { Verb } from "../../server/control/request.ts";

/** What may be read; nothing is started by it. */
export interface ReadingDesk extends AsyncDisposable {
  /** Who has the store open for work; `undefined`: nobody. */
  readonly owner: Owner | undefined;
  get(runId: string): Promise<RunInfo | undefined>;
  list(filter: RunFilter): Promise<{ readonly items: readonly RunLine[]; readonly nextCursor: string | undefined }>;
  /**
   * Every event after `fromSeq`, then what comes, until the run ends or the signal aborts: the run is followed from
   * owner to owner, and waited for while there is none. Without a signal: those there are by now, and no waiting.
   */
  events(runId: string, fromSeq: number, signal?: AbortSignal): AsyncIterable<TuttiEvent>;
  logs(runId: string, path?: string): Promise<readonly LogLine[]>;
  /** The last value at once, then every change, as long as `events`. */
  progress(runId: string, signal: AbortSignal): AsyncIterable<Progress>;
}

/** A store that is open for work. */
export interface Desk {
  readonly owner: Owner;
  /** The owner is this process. */
  readonly here: boolean;
  /** Its verbs reject with CLOSED, and so do their streams, when the owner is gone. */
  readonly control: Control;
  /** Here: every run that had not ended when the engine started; elsewhere: that has not ended now. */
  open(): Promise<readonly string[]>;
  /** Here: hands everything back; what is under way may finish for `shutdownGrace`, or until `hurry` aborts. */
  close(hurry?: AbortSignal): Promise<void>;
}

export type NamedStart = StartOptions & { readonly runId: string };

/** A run as a terminal asks for it. */
export interface Asked {
  readonly file: WorkflowFile;
  readonly input: Json;
  readonly options: NamedStart;
}

/** What the engine is opened with when it is this process that gets the store. */
export type EngineOptions = Omit<OrchestratorOptions, "store">;

export interface SettleOptions {
  readonly engine: EngineOptions;
  /**
   * Aborted: what is ours is handed back, what is another's goes on there; the signal's reason is thrown. Once the
   * result has been told, nothing is thrown: what is handed back is then stopped at once.
   */
  readonly signal: AbortSignal;
  /** The run that was asked for is there; told at every turn of ownership. */
  readonly started?: () => void;
  /** Told at every turn of ownership. `here`: this process owns the store. */
  readonly owned?: (owner: Owner, here: boolean) => void;
  readonly progress?: (runId: string, progress: Progress) => void;
  /**
   * What happens to the runs that are waited for, from the first connection on (`settle`: from the run's first event),
   * each event once over all owners. Where nobody asks, nothing is read for it.
   */
  readonly event?: (event: TuttiEvent) => void;
}

/** What is told of a wait's result, which is there before the store is handed back: that takes as long as others' work. */
export interface Settling<T> extends SettleOptions {
  readonly settled?: (result: T) => Promise<void>;
}
