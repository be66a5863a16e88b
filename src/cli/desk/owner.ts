/** Finding whoever owns a store, and how long to go on when somebody holds it and does not answer. */
import { TuttiError } from "../../errors.ts";
import { ownerOf } from "../../host/owner.ts";
import { ControlClient } from "../../server/control/client.ts";
import type { Clock } from "../../std/clock.ts";
import { sleep } from "../../std/clock.ts";
import type { Owner } from "./desk.ts";

const PATIENCE_MS = 10_000;
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 500;
/** The store must not lie idle while somebody waits for it; a look at who owns it costs next to nothing. */
const LOOK_AT_LEAVING_MS = 50;

/** `store`: its one name. `undefined`: nobody owns it, or not so that others can speak to it. */
export async function reach(store: string, clock: Clock): Promise<ControlClient | undefined> {
  const socket = ownerOf(store)?.socket;
  return socket === undefined ? undefined : ControlClient.connect(socket, clock);
}

/** Who holds a store, as far as is known from outside. */
export function holder(store: string): Owner | undefined {
  const owner = ownerOf(store);
  return owner && { pid: owner.pid, socket: owner.socket };
}

/**
 * Between two tries for a store: waits longer each time, for one owner that does not answer not longer than ten
 * seconds. One that is leaving is waited for: its work may take its time to stop, but it is going. It is looked at
 * rather than tried, for many may wait, and the next try comes as soon as it has gone.
 */
export class Patience {
  private readonly store: string;
  private readonly clock: Clock;
  private waitMs = FIRST_WAIT_MS;
  private since: number;
  private pid: number | undefined;

  constructor(store: string, clock: Clock) {
    this.store = store;
    this.clock = clock;
    this.since = clock.uptime();
  }

  /** Throws what was thrown when it is not that somebody else has the store, or when that has lasted too long. */
  async afterRefusal(thrown: unknown, signal?: AbortSignal): Promise<void> {
    if (!isLocked(thrown)) throw thrown;
    const owner = ownerOf(this.store);
    if (owner?.leaving || owner?.pid !== this.pid) this.begin();
    this.pid = owner?.pid;
    if (owner?.leaving) return this.untilGone(owner.pid, signal);
    if (this.clock.uptime() - this.since > PATIENCE_MS) throw thrown;
    await this.next(signal);
  }

  async next(signal?: AbortSignal): Promise<void> {
    await this.wait(LONGEST_WAIT_MS, signal);
  }

  private async untilGone(pid: number, signal: AbortSignal | undefined): Promise<void> {
    for (let owner = ownerOf(this.store); owner?.leaving && owner.pid === pid; owner = ownerOf(this.store))
      await this.wait(LOOK_AT_LEAVING_MS, signal);
    this.begin();
  }

  /** As for somebody who was never asked. */
  private begin(): void {
    this.since = this.clock.uptime();
    this.waitMs = FIRST_WAIT_MS;
  }

  private async wait(longestMs: number, signal: AbortSignal | undefined): Promise<void> {
    const ms = Math.min(this.waitMs, longestMs);
    this.waitMs = ms * 2;
    await sleep(this.clock, ms, signal);
  }
}

function isLocked(thrown: unknown): boolean {
  return thrown instanceof TuttiError && thrown.code === "STORE_LOCKED";
}

/** Whoever was asked serves no more: the next owner is to be asked. */
export function isGone(thrown: unknown): boolean {
  return thrown instanceof TuttiError && thrown.code === "CLOSED";
}
