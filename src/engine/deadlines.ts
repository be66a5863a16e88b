/**
 * Deadlines on the engine's uptime. Items of one duration fall due in the order they were armed, so each duration
 * is a queue: arming and disarming cost a map entry, and one timer serves them all however many steps are going.
 */
import type { Clock, Disarm } from "../std/clock.ts";

/** Empty lanes up to here wait for the next item of their duration; what is left of a step's total time is never the same. */
const LANES_KEPT = 16;
/** Later than this a timer is only when the process was held up, by a slow disk or a busy machine. */
const HELD_UP_MS = 30;
/** So often in a row that is made good. */
const PATIENCE = 5;

export class Deadlines<T> {
  private readonly clock: Clock;
  private readonly due: (item: T) => void;
  private readonly lanes = new Map<number, Map<T, number>>();
  /** By item: the duration it was armed with. */
  private readonly laneOf = new Map<T, number>();
  private timer: { readonly at: number; readonly disarm: Disarm } | undefined;
  private heldUp = 0;

  constructor(clock: Clock, due: (item: T) => void) {
    this.clock = clock;
    this.due = due;
  }

  arm(item: T, ms: number): void {
    let lane = this.lanes.get(ms);
    if (!lane) this.lanes.set(ms, (lane = new Map<T, number>()));
    const at = this.clock.uptime() + ms;
    lane.set(item, at);
    this.laneOf.set(item, ms);
    if (!this.timer || at < this.timer.at) this.schedule(at);
  }

  disarm(item: T): void {
    const ms = this.laneOf.get(item);
    if (ms === undefined) return;
    const lane = this.lanes.get(ms);
    lane?.delete(item);
    this.laneOf.delete(item);
    if (lane?.size === 0 && this.lanes.size > LANES_KEPT) this.lanes.delete(ms);
  }

  close(): void {
    this.timer?.disarm();
    this.timer = undefined;
    this.lanes.clear();
    this.laneOf.clear();
  }

  private schedule(at: number): void {
    this.timer?.disarm();
    this.timer = { at, disarm: this.clock.after(at - this.clock.uptime(), () => this.fire()) };
  }

  private fire(): void {
    const now = this.clock.uptime();
    const late = now - (this.timer?.at ?? now);
    this.timer = undefined;
    // While we were held up we heard nothing: what was in time all the same is listened to first.
    this.heldUp = late > HELD_UP_MS ? this.heldUp + 1 : 0;
    if (this.heldUp > 0 && this.heldUp <= PATIENCE) return this.schedule(now + HELD_UP_MS);
    this.heldUp = 0;
    const over: T[] = [];
    let next = Infinity;
    for (const [ms, lane] of this.lanes) {
      for (const [item, at] of lane) {
        if (at > now) {
          next = Math.min(next, at);
          break;
        }
        lane.delete(item);
        this.laneOf.delete(item);
        over.push(item);
      }
      if (lane.size === 0) this.lanes.delete(ms);
    }
    if (next < Infinity) this.schedule(next);
    for (const item of over) this.due(item);
  }
}
