/** `tutti.on`: handlers of what has happened, called in the order in which it became durable. */
import type { EventType, RunEvent } from "../run/events.ts";
import type { Runtime } from "../run/runtime.ts";
import type { Disarm } from "../std/clock.ts";
import type { TuttiEvent } from "./event.ts";
import { describeEvent } from "./event.ts";

/** The names other systems know them by. */
const ALIASES = { TASK_COMPLETED: "step.completed", TASK_FAILED: "step.failed", TASK_STARTED: "step.started" } as const;

/** What may be listened to: one type, its alias, or everything. */
export type EventName = EventType | keyof typeof ALIASES | "*";

export type EventHandler = (event: TuttiEvent) => void | PromiseLike<void>;

/** Beyond this many undelivered events the oldest are given up: they are all in the journal. */
const WAITING_MAX = 100_000;

export class Events {
  private readonly runtime: Runtime;
  private readonly report: (line: string) => void;
  private readonly handlers = new Map<EventType | "*", EventHandler[]>();
  private waiting: { readonly runId: string; readonly event: RunEvent }[] = [];
  private delivering: Promise<void> | undefined;
  private disarm: Disarm | undefined;

  constructor(runtime: Runtime, report: (line: string) => void) {
    this.runtime = runtime;
    this.report = report;
  }

  /**
   * Several handlers may listen to one type; each event goes to them one after the other, awaited. An error in one
   * is reported and stops nobody else. Returns what ends it.
   */
  on(name: EventName, handler: EventHandler): Disarm {
    const type = name in ALIASES ? ALIASES[name as keyof typeof ALIASES] : (name as EventType | "*");
    this.handlers.set(type, [...(this.handlers.get(type) ?? []), handler]);
    this.disarm ??= this.runtime.listen((runId, event) => this.take(runId, event));
    return () => {
      const left = (this.handlers.get(type) ?? []).filter((one) => one !== handler);
      if (left.length > 0) this.handlers.set(type, left);
      else this.handlers.delete(type);
    };
  }

  /** Resolves when everything so far has been delivered. */
  async drain(): Promise<void> {
    while (this.delivering) await this.delivering;
  }

  private take(runId: string, event: RunEvent): void {
    if (!this.handlers.has(event.type) && !this.handlers.has("*")) return;
    this.waiting.push({ runId, event });
    if (this.waiting.length > WAITING_MAX) {
      this.waiting.splice(0, WAITING_MAX / 2);
      this.report(`event handlers are too slow: ${WAITING_MAX / 2} events were not delivered to them`);
    }
    this.delivering ??= this.deliver().finally(() => (this.delivering = undefined));
  }

  private async deliver(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      for (const { runId, event } of batch) {
        const message = await describeEvent(this.runtime, runId, event);
        for (const type of [event.type, "*"] as const) {
          for (const handler of this.handlers.get(type) ?? []) await this.call(handler, message);
        }
      }
    }
  }

  private async call(handler: EventHandler, message: TuttiEvent): Promise<void> {
    try {
      await handler(message);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.report(`a handler of ${message.type} failed: ${problem}`);
    }
  }
}
