import type { Clock, Disarm } from "../../std/clock.ts";
import type { SimulatedClock } from "../clock.ts";

/** The clock of one process: its uptime begins with it, its timers die with it. */
export class MortalClock implements Clock {
  private readonly clock: SimulatedClock;
  private readonly bornAt: number;
  private readonly armed = new Set<Disarm>();
  private dead = false;

  constructor(clock: SimulatedClock, bornAt: number) {
    this.clock = clock;
    this.bornAt = bornAt;
  }

  readonly now = (): number => this.clock.now();
  readonly uptime = (): number => this.clock.uptime() - this.bornAt;
  readonly soon = (fn: () => void): void => {
    this.clock.soon(() => {
      if (!this.dead) fn();
    });
  };
  readonly after = (ms: number, fn: () => void): Disarm => {
    if (this.dead) return () => undefined;
    const disarm = this.clock.after(ms, () => {
      this.armed.delete(disarm);
      fn();
    });
    this.armed.add(disarm);
    return () => {
      this.armed.delete(disarm);
      disarm();
    };
  };

  die(): void {
    this.dead = true;
    for (const disarm of this.armed) disarm();
    this.armed.clear();
  }
}
