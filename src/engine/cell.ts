/** One live run in memory: the value, what of it is not yet durable, and what is under way for it outside. */
import type { Effect } from "../run/commands.ts";
import type { RunEvent } from "../run/events.ts";
import { isEnded } from "../run/instance.ts";
import type { RunView } from "../run/runtime.ts";
import type { Run } from "../run/state.ts";
import type { RunCommit } from "../store/port.ts";
import { queue } from "../task/backlog.ts";
import type { LogLine } from "../task/log.ts";
import type { Queue, Seat } from "../task/order.ts";
import { PRIORITIES } from "../workflow/definition.ts";
import type { LiveAttempt } from "./attempts.ts";
import type { OwnAgents } from "./declared.ts";

/** What waits for the commit that asks for it. */
type LaterEffect = Extract<Effect, { type: "execute" | "abort" | "ended" }>;

export class Cell {
  readonly id: string;
  /** As decided so far. */
  run: Run;
  /** As committed: all that readers are shown. */
  durable: Run | undefined;
  /** Grows with the order of creation: the oldest run goes first. */
  readonly order: number;
  readonly priority: number;
  readonly queue: Queue;
  /** Agents that its document brings along. */
  own: OwnAgents | undefined;
  /** Counts among the running runs. */
  admitted = false;
  readonly attempts = new Map<number, LiveAttempt<Cell>>();
  /** Attempts that are leased but not yet durable: what they will begin with. */
  readonly leased = new Map<number, { readonly input: string; readonly seat: Seat | undefined }>();
  /** When an unfinished step first began, by our uptime: our downtime is never the agent's fault. */
  private readonly began = new Map<number, number>();
  private events: RunEvent[] = [];
  private touched = new Set<number>();
  private logs: LogLine[] = [];
  /** Effects that may happen only once the turn is durable. */
  private after: LaterEffect[] = [];
  private created = false;

  constructor(run: Run, order: number, created: boolean) {
    this.id = run.id;
    this.run = run;
    this.durable = created ? undefined : run;
    this.order = order;
    this.created = created;
    this.priority = PRIORITIES.indexOf(run.options.priority);
    this.admitted = run.startedAt !== undefined;
    this.queue = queue(run.pinned.definition.concurrency ?? Infinity);
    this.queue.held = run.paused || run.stranded !== undefined || run.stopping !== undefined;
  }

  get dirty(): boolean {
    return this.events.length > 0 || this.logs.length > 0;
  }

  /** What readers are shown, once the run's creation is durable. */
  view(): RunView {
    const attempts = [...this.attempts.values()].flatMap(({ latest }) => (latest ? [latest] : []));
    return { run: this.durable ?? this.run, attempts };
  }

  record(run: Run, events: readonly RunEvent[]): void {
    this.run = run;
    for (const event of events) {
      this.events.push(event);
      if (event.instance === undefined) continue;
      this.touched.add(event.instance);
      if (event.type !== "step.started" && isEnded(run.instances.at(event.instance).status))
        this.began.delete(event.instance);
    }
  }

  begin(index: number, uptime: number): void {
    if (!this.began.has(index)) this.began.set(index, uptime);
  }

  /** Of the whole time of a step, which begins with its first attempt; before that it has all the time there is. */
  leftOfTotal(index: number, uptime: number): number {
    const began = this.began.get(index);
    if (began === undefined) return Infinity;
    const { totalMs } = { ...this.run.options.timeout, ...this.run.instances.at(index).step.step.timeout };
    return began + totalMs - uptime;
  }

  log(line: LogLine): void {
    this.logs.push(line);
  }

  later(effect: LaterEffect): void {
    this.after.push(effect);
  }

  /** Everything since the last call, as one aggregate's part of a commit. */
  takeCommit(): RunCommit {
    const { events, touched, logs, run } = this;
    this.events = [];
    this.touched = new Set();
    this.logs = [];
    const changed = Array.from(touched, (index) => run.instances.at(index));
    if (!this.created) return { run, events, changed, logs };
    this.created = false;
    return { run, events, changed, logs, definition: run.pinned.definition };
  }

  takeEffects(): readonly LaterEffect[] {
    const effects = this.after;
    this.after = [];
    return effects;
  }
}
