/** Feeds the backlog and times what waits in it. The choice itself is pure (task/backlog.ts). */
import { describeSelector, matches } from "../agent/match.ts";
import type { AgentCard } from "../agent/card.ts";
import type { AgentSelector } from "../agent/match.ts";
import type { Failure } from "../errors.ts";
import type { Clock, Disarm } from "../std/clock.ts";
import { Backlog, pool } from "../task/backlog.ts";
import { AGEING_MS } from "../task/order.ts";
import type { Offer, Pool, Seat } from "../task/order.ts";
import type { Instance, Run } from "../run/state.ts";
import { timeoutFailure } from "./attempts.ts";
import type { Cell } from "./cell.ts";
import type { OwnAgents } from "./declared.ts";
import { Deadlines } from "./deadlines.ts";

/** What an offer stands for; lives on when ageing replaces the offer. */
export interface Task {
  offer: Offer;
  readonly cell: Cell;
  readonly index: number;
  readonly selector: AgentSelector | undefined;
  readonly scheduleToStartMs: number;
}

interface KnownPool {
  readonly selector: AgentSelector;
  readonly own: OwnAgents | undefined;
  readonly pool: Pool;
}

export class Dispatcher {
  private readonly clock: Clock;
  /** Of agents that are for every run. */
  private readonly seats: Seat[] = [];
  private seatCount = 0;
  private readonly backlog: Backlog;
  /** By whose agents it is about, then by selector. */
  private readonly pools = new Map<string, KnownPool>();
  private readonly alarms = new Set<Disarm>();
  private readonly starts: Deadlines<Task>;
  private readonly ageing: Deadlines<Task>;
  private readonly wake: () => void;
  private readonly expired: (cell: Cell, index: number, failure: Failure) => void;
  /** By run: when it was last allowed to go on, by uptime. */
  private readonly freed = new WeakMap<Cell, number>();
  /** Offers of this turn: those that still wait when it ends are timed. */
  private fresh: Task[] = [];

  constructor(parts: {
    readonly clock: Clock;
    readonly slots: number;
    readonly wake: () => void;
    readonly expired: (cell: Cell, index: number, failure: Failure) => void;
  }) {
    this.clock = parts.clock;
    this.wake = parts.wake;
    this.backlog = new Backlog(parts.slots);
    this.ageing = new Deadlines(parts.clock, (task) => this.promote(task));
    this.expired = parts.expired;
    this.starts = new Deadlines(parts.clock, (task) => this.startOver(task));
  }

  /** An agent for every run. One whose id is known already is not added again. */
  addAgent(card: AgentCard): void {
    if (this.seats.some((seat) => seat.card.id === card.id)) return;
    const seat = this.seatFor(card);
    this.seats.push(seat);
    for (const { selector, own, pool: fitting } of this.pools.values())
      if (isMeant(card, selector, own)) this.backlog.seat(seat, fitting);
  }

  /** A place for an agent that only some runs have (`Cell.own`). */
  seatFor(card: AgentCard): Seat {
    return { card, order: this.seatCount++, running: 0, pools: [] };
  }

  /**
   * `at`: wall clock; a wait is kept by uptime from now on, whatever the wall clock does. What it did while nobody
   * ran we cannot know, but no wait is longer than one can be.
   */
  offer(cell: Cell, index: number, selector: AgentSelector | undefined, at: number): void {
    const leftMs = at - this.clock.now();
    if (leftMs <= 0) return this.add(cell, index, selector);
    const waitMs = Math.min(leftMs, longestWait(cell.run, cell.run.instances.at(index)));
    const totalMs = cell.leftOfTotal(index, this.clock.uptime());
    const disarm = this.clock.after(Math.max(0, Math.min(waitMs, totalMs)), () => {
      this.alarms.delete(disarm);
      if (totalMs <= waitMs) return this.expired(cell, index, overTotal(cell, index));
      this.add(cell, index, selector);
      this.wake();
    });
    this.alarms.add(disarm);
  }

  /** A picked task that could not begin after all waits again. */
  again({ cell, index, selector }: Task): void {
    this.add(cell, index, selector);
  }

  hold(cell: Cell): void {
    this.backlog.hold(cell.queue);
  }

  unhold(cell: Cell): void {
    this.freed.set(cell, this.clock.uptime());
    this.backlog.unhold(cell.queue);
  }

  pick(): { readonly task: Task; readonly seat: Seat | undefined; readonly why: string | undefined } | undefined {
    const picked = this.backlog.pick();
    return picked && { task: picked.offer.task as Task, seat: picked.seat, why: picked.why };
  }

  release(cell: Cell, seat: Seat | undefined): void {
    this.backlog.release(cell.queue, seat);
  }

  /** After the last pick of a turn. */
  timeTheRest(): void {
    if (this.fresh.length === 0) return;
    for (const task of this.fresh) {
      if (task.offer.gone) continue;
      const totalMs = task.cell.leftOfTotal(task.index, this.clock.uptime());
      this.starts.arm(task, Math.max(0, Math.min(task.scheduleToStartMs, totalMs)));
      this.ageing.arm(task, AGEING_MS);
    }
    this.fresh = [];
  }

  /** What a pick no longer waits for. */
  started(task: Task): void {
    this.starts.disarm(task);
    this.ageing.disarm(task);
  }

  close(): void {
    for (const disarm of this.alarms) disarm();
    this.starts.close();
    this.ageing.close();
  }

  private add(cell: Cell, index: number, selector: AgentSelector | undefined): void {
    const { run } = cell;
    const instance = run.instances.at(index);
    const { scheduleToStartMs } = { ...run.options.timeout, ...instance.step.step.timeout };
    const task: Omit<Task, "offer"> & { offer?: Offer } = { cell, index, selector, scheduleToStartMs };
    task.offer = {
      task,
      run: cell.queue,
      pool: selector && this.poolOf(selector, cell.own),
      runClass: cell.priority,
      stepClass: instance.step.priority,
      runOrder: cell.order,
      remaining: remainingInRun(run, instance),
      readyAt: instance.readyAt ?? run.createdAt,
      index,
      gained: 0,
      gone: false,
      parkedIn: undefined,
    };
    this.backlog.add(task.offer);
    this.fresh.push(task as Task);
  }

  /** It has waited long enough for an agent, or the whole step's time is over. */
  private startOver(task: Task): void {
    const { offer, cell, index } = task;
    if (offer.gone) return;
    const over = cell.leftOfTotal(index, this.clock.uptime()) < 1;
    const leftMs = cell.queue.held || !over ? this.leftToStart(task) : 0;
    if (leftMs > 0) return this.starts.arm(task, leftMs);
    offer.gone = true;
    this.expired(cell, index, over ? overTotal(cell, index) : this.neverStarted(task));
  }

  /** A run that is held keeps nobody waiting but itself: the time to start begins anew when it goes on. */
  private leftToStart({ cell, scheduleToStartMs }: Task): number {
    if (cell.queue.held) return scheduleToStartMs;
    return (this.freed.get(cell) ?? -Infinity) + scheduleToStartMs - this.clock.uptime();
  }

  private poolOf(selector: AgentSelector, own: OwnAgents | undefined): Pool {
    const key = `${own?.key ?? ""}:${JSON.stringify(selector)}`;
    let found = this.pools.get(key);
    if (!found) {
      const seats = (own?.seats ?? []).filter(({ card }) => matches(selector, card));
      const others = this.seats.filter(({ card }) => isMeant(card, selector, own));
      found = { selector, own, pool: pool([...seats, ...others]) };
      this.pools.set(key, found);
    }
    return found.pool;
  }

  private promote(task: Task): void {
    if (task.offer.gone) return;
    task.offer = this.backlog.promote(task.offer);
    this.ageing.arm(task, AGEING_MS);
    this.wake();
  }

  private neverStarted({ selector, scheduleToStartMs, cell }: Task): Failure {
    const waited = `not started within ${scheduleToStartMs} ms`;
    const fits = selector ? this.poolOf(selector, cell.own).seats.length : undefined;
    const why =
      fits === 0 && selector
        ? `no agent fits ${describeSelector(selector)}`
        : !cell.queue.slots.free
          ? "the run is at its own concurrency"
          : fits === undefined
            ? "all slots are busy"
            : `all slots are busy (${fits} agents fit)`;
    return { kind: "timeout", code: "SCHEDULE_TO_START", message: `${waited}: ${why}` };
  }
}

/** Whether a run with these agents of its own means this agent, which is for every run. */
function isMeant(card: AgentCard, selector: AgentSelector, own: OwnAgents | undefined): boolean {
  return matches(selector, card) && !isHidden(card, own);
}

/** A run's own agent goes before another of the same id. */
function isHidden(card: AgentCard, own: OwnAgents | undefined): boolean {
  return own?.seats.some((seat) => seat.card.id === card.id) ?? false;
}

function overTotal({ run }: Cell, index: number): Failure {
  const { step, error } = run.instances.at(index);
  const { totalMs } = { ...run.options.timeout, ...step.step.timeout };
  return { ...timeoutFailure("total", totalMs), ...(error && { cause: error }) };
}

/** Of a back-off, or what a `rate_limit` asked for. */
function longestWait({ options, pinned }: Run, { step, error }: Instance): number {
  const { maximumIntervalMs } = { ...options.retry, ...pinned.definition.retry, ...step.step.retry };
  return Math.max(maximumIntervalMs, error?.retryAfterMs ?? 0);
}

/** The longest path from here to the end of the run: inside its scope, then on from that scope. */
function remainingInRun(run: Run, instance: Instance): number {
  let { remaining } = instance.step;
  for (let { parent } = instance; parent !== -1;) {
    const scope = run.instances.at(parent);
    const own = Math.max(0, ...scope.step.dependants.map((d) => run.instances.at(scope.base + d).step.remaining));
    remaining += own;
    parent = scope.parent;
  }
  return remaining;
}
