/** Time that moves only when it is told to: a `Clock` for tests of whatever waits, retries, times out or queues. */
import type { Clock, Disarm } from "../std/clock.ts";
import { systemClock } from "../std/clock.ts";
import { Heap } from "../std/heap.ts";

export interface SimulatedClockOptions {
  /** The wall clock at the beginning, ms since 1970. Default: 2026-01-01T00:00:00Z. */
  readonly startAt?: number;
}

/** How far `runUntil` goes before it gives up. */
export interface RunUntilOptions {
  /** Simulated ms. Default: a year. */
  readonly withinMs?: number;
}

interface Timer {
  readonly due: number;
  readonly sequence: number;
  /** `undefined`: taken back. */
  fn: (() => void) | undefined;
}

const START_AT = Date.UTC(2026, 0, 1);
const YEAR_MS = 365 * 24 * 3_600_000;
/** Turns of the loop without a moment of rest, after which something turns for ever. */
const RESTLESS = 100_000;
/** Real time that a promise is given when nothing simulated is left to wait for. */
const PATIENCE_MS = 2_000;

/**
 * A clock whose time stands still until it is moved. Timers fire in the order of their time, then in the order they
 * were set; what happens between two of them happens at the same instant, so a test is the same every time.
 *
 * ```ts
 * const clock = simulatedClock();
 * await using tutti = await createOrchestrator({ store: ":memory:", clock, workflows: [nightly] });
 * const run = await clock.runUntil(tutti.runs.start(nightly, {}));
 * await clock.advance(60_000); // a minute passes, and all that happens in it
 * await clock.runUntil(run.result()); // as much time as it takes
 * ```
 *
 * It moves only what takes it as its clock: files, programs and sockets keep their own time.
 */
export function simulatedClock(options: SimulatedClockOptions = {}): SimulatedClock {
  return new SimulatedClock(options.startAt ?? START_AT);
}

/** Made by `simulatedClock()`. */
export class SimulatedClock implements Clock {
  private wall: number;
  private up = 0;
  private sequence = 0;
  private ready: (() => void)[] = [];
  private armed = 0;
  private readonly heap = new Heap<Timer>((a, b) => (a.due === b.due ? a.sequence < b.sequence : a.due < b.due));

  constructor(startAt: number) {
    this.wall = startAt;
  }

  readonly now = (): number => this.wall + this.up;
  readonly uptime = (): number => this.up;

  readonly after = (ms: number, fn: () => void): Disarm => {
    const timer: Timer = { due: this.up + Math.max(0, ms), sequence: ++this.sequence, fn };
    this.heap.push(timer);
    this.armed++;
    return () => {
      if (timer.fn) this.armed--;
      timer.fn = undefined;
    };
  };

  readonly soon = (fn: () => void): void => void this.ready.push(fn);

  /** Timers that are set and have not fired. */
  get timers(): number {
    return this.armed;
  }

  /** Moves the wall clock and nothing else: what counts by uptime must not notice. */
  jump(ms: number): void {
    this.wall += ms;
  }

  /** Lets everything happen that needs no time. Throws when that never ends. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < RESTLESS; turns++) {
      await turnOfTheLoop();
      const { ready } = this;
      if (ready.length === 0) return;
      this.ready = [];
      for (const fn of ready) fn();
    }
    throw new Error(`no rest after ${RESTLESS} turns at uptime ${this.up}: something turns for ever`);
  }

  /** Lets `ms` pass: every timer due on the way fires in its turn, and all that follows from it happens. */
  async advance(ms: number): Promise<void> {
    const until = this.up + ms;
    await this.settle();
    for (let timer = this.next(); timer && timer.due <= until; timer = this.next()) await this.fire(timer);
    this.up = until;
  }

  /** To the next timer, which fires. `false`: no timer is set, nothing happened. */
  async advanceToNext(): Promise<boolean> {
    await this.settle();
    const timer = this.next();
    if (timer) await this.fire(timer);
    return timer !== undefined;
  }

  /**
   * Lets time pass until the promise is settled (and gives what it gives) or the condition holds. Throws when the
   * limit is reached first, or when nothing is left that could ever happen.
   */
  runUntil(condition: () => boolean, options?: RunUntilOptions): Promise<void>;
  runUntil<T>(promise: PromiseLike<T>, options?: RunUntilOptions): Promise<T>;
  async runUntil<T>(goal: (() => boolean) | PromiseLike<T>, options: RunUntilOptions = {}): Promise<T | void> {
    const limit = this.up + (options.withinMs ?? YEAR_MS);
    if (typeof goal === "function") {
      await this.pass(goal, limit);
      if (!goal()) throw new Error("nothing is left to happen, and the condition does not hold");
      return undefined;
    }
    let over = false;
    const end = (): void => void (over = true);
    goal.then(end, end);
    await this.pass(() => over, limit);
    // What is left is real: a file, a program. It is given a while.
    if (!over) await Promise.race([goal, new Promise<void>((resolve) => systemClock.after(PATIENCE_MS, resolve))]);
    await this.settle();
    if (!over) throw new Error("nothing is left to happen, and the promise is not settled");
    return goal;
  }

  /** Until `over`, or no timer is set. */
  private async pass(over: () => boolean, limit: number): Promise<void> {
    await this.settle();
    while (!over()) {
      const timer = this.next();
      if (!timer) return;
      if (timer.due > limit) throw new Error(`not within ${limit} ms of uptime`);
      await this.fire(timer);
    }
  }

  private next(): Timer | undefined {
    for (let timer = this.heap.peek(); timer; timer = this.heap.peek()) {
      if (timer.fn) return timer;
      this.heap.pop();
    }
    return undefined;
  }

  private async fire(timer: Timer): Promise<void> {
    const { fn } = timer;
    this.heap.pop();
    this.armed--;
    timer.fn = undefined;
    this.up = Math.max(this.up, timer.due);
    fn?.();
    await this.settle();
  }
}

/** All microtasks of this process have run when the next turn of its loop begins. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => systemClock.soon(resolve));
}
