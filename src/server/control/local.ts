/** Control of the engine in this process. */
import { TuttiError } from "../../errors.ts";
import type { Runs } from "../../facets/runs.ts";
import type { Progress } from "../../run/progress.ts";
import type { Runtime } from "../../run/runtime.ts";
import { isEndedRun } from "../../run/status.ts";
import type { Control } from "./control.ts";

export interface Controlled {
  readonly runs: Runs;
  readonly runtime: Runtime;
}

export function localControl({ runs, runtime }: Controlled): Control {
  return {
    start: async (file, input, options) => void (await runs.start(file, input, options)),
    post: (runId, verb, reason) => {
      if (verb === "pause" || verb === "resume") return runs[verb](runId);
      return runs[verb](runId, reason);
    },
    get: (runId) => runs.get(runId),
    list: (filter) => runs.list(filter),
    logs: (runId, path) => runs.handle(runId).logs(path),
    events: (runId, fromSeq, signal) => runs.handle(runId).events(fromSeq, signal),
    async *progress(runId, signal) {
      if (!(await runtime.get(runId))) throw new TuttiError("RUN_UNKNOWN", { run: runId });
      const latest = new Latest<Progress>();
      const disarm = runs.handle(runId).progress((progress) => latest.put(progress));
      try {
        for (let next = await latest.take(signal); next; next = await latest.take(signal)) {
          yield next;
          if (isEndedRun(next.status)) return;
        }
      } finally {
        disarm();
      }
    },
  };
}

/** The newest value, taken once. */
class Latest<T> {
  private value: T | undefined;
  private wake: (() => void) | undefined;

  put(value: T): void {
    this.value = value;
    this.wake?.();
  }

  /** `undefined`: the signal has aborted. */
  async take(signal: AbortSignal): Promise<T | undefined> {
    if (this.value === undefined && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.wake = () => {
          signal.removeEventListener("abort", resolved);
          resolve();
        };
        const resolved = this.wake;
        signal.addEventListener("abort", resolved);
      });
    const { value } = this;
    this.value = undefined;
    this.wake = undefined;
    return signal.aborted ? undefined : value;
  }
}
