/** Who wants to know of a run, or of all. Calls, never buffers: what must not be lost is read from the store. */
import { TuttiError } from "../errors.ts";
import type { RunEvent } from "../run/events.ts";
import type { EventListener, RunView, ViewListener } from "../run/runtime.ts";
import type { Disarm } from "../std/clock.ts";

export class Watchers {
  private readonly report: (line: string) => void;
  private readonly ofRun = new Map<string, Set<ViewListener>>();
  private readonly ofAll = new Set<EventListener>();
  private readonly waiting = new Set<(error: unknown) => void>();
  private closed = false;

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

  /** What is yet to come. Rejects with CLOSED when the engine closes before it does. */
  until<T>(arm: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(closedError());
      this.waiting.add(reject);
      arm((value) => {
        this.waiting.delete(reject);
        resolve(value);
      });
    });
  }

  close(): void {
    this.closed = true;
    for (const reject of this.waiting) reject(closedError());
    this.waiting.clear();
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

function closedError(): TuttiError {
  return new TuttiError("CLOSED", { what: "orchestrator" });
}
