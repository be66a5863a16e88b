/** Who wants to know of a run, or of all. Calls, never buffers: what must not be lost is read from the store. */
import type { RunEvent } from "../run/events.ts";
import type { EventListener, RunView, ViewListener } from "../run/runtime.ts";
import type { Disarm } from "../std/clock.ts";

export class Watchers {
  private readonly report: (line: string) => void;
  private readonly ofRun = new Map<string, Set<ViewListener>>();
  private readonly ofAll = new Set<EventListener>();

  constructor(report: (line: string) => void) {
    this.report = report;
  }

  watch(runId: string, listener: ViewListener): Disarm {
    let set = this.ofRun.get(runId);
    if (!set) this.ofRun.set(runId, (set = new Set()));
    const own = set;
    own.add(listener);
    return () => {
      own.delete(listener);
      if (own.size === 0 && this.ofRun.get(runId) === own) this.ofRun.delete(runId);
    };
  }

  listen(listener: EventListener): Disarm {
    this.ofAll.add(listener);
    return () => void this.ofAll.delete(listener);
  }

  committed(runId: string, events: readonly RunEvent[], view: () => RunView): void {
    for (const listener of this.ofAll) for (const event of events) this.tell(() => listener(runId, event));
    this.changed(runId, view);
  }

  changed(runId: string, view: () => RunView): void {
    const set = this.ofRun.get(runId);
    if (!set) return;
    const now = view();
    for (const listener of set) this.tell(() => listener(now));
  }

  /** A listener's error is its own: the loop that calls it goes on. */
  private tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.report(`a listener failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
