/**
 * The dispatcher's pure core: offers, slots and agents in, picks out. No clock, no promise, no effect.
 *
 * Invariants
 *  B1  No slot stays free while an offer waits that may have it.
 *  B2  An offer that cannot go waits at what stops it: its run (held, or at its own limit) or its agents (all busy);
 *      what is freed calls back one offer for each freed place, so nothing is ever searched; one that cannot take
 *      the place it was called for (it is gone, or now stopped by the other) passes the call on.
 *  B3  The order is total and the same for the same offers: ties never depend on when they were looked at.
 */
import { select } from "../agent/select.ts";
import { Heap } from "../std/heap.ts";
import { Slots } from "../limit/slots.ts";
import { before } from "./order.ts";
import type { Offer, Pool, Queue, Seat } from "./order.ts";

export interface Pick {
  readonly offer: Offer;
  readonly seat: Seat | undefined;
  readonly why: string | undefined;
}

export function queue(limit: number): Queue {
  return { slots: new Slots(limit), held: false, parked: new Heap(before) };
}

/** Tells every seat, so that a freed one knows whom to call. */
export function pool(seats: readonly Seat[]): Pool {
  const made: Pool = { seats: [...seats], parked: new Heap(before) };
  for (const seat of seats) seat.pools.push(made);
  return made;
}

export class Backlog {
  private readonly waiting = new Heap(before);
  private readonly slots: Slots;

  constructor(slots: number) {
    this.slots = new Slots(slots);
  }

  add(offer: Offer): void {
    this.waiting.push(offer);
  }

  /** The next offer that may begin, with its agent; its places are taken. `undefined`: nothing may. */
  pick(): Pick | undefined {
    while (this.slots.free) {
      const offer = this.waiting.pop();
      if (!offer) return undefined;
      const pick = offer.gone ? undefined : this.place(offer);
      if (pick) return pick;
      this.passOn(offer);
    }
    return undefined;
  }

  /** The places of a pick are free again. */
  release(run: Queue, seat: Seat | undefined): void {
    this.slots.release();
    run.slots.release();
    if (!run.held) this.call(run.parked);
    if (!seat) return;
    seat.running--;
    for (const { parked } of seat.pools) this.call(parked);
  }

  /** One more agent for a pool: whoever waits there may try again. */
  seat(seat: Seat, agents: Pool): void {
    agents.seats.push(seat);
    seat.pools.push(agents);
    for (let offer = agents.parked.pop(); offer; offer = agents.parked.pop()) this.back(offer);
  }

  hold(run: Queue): void {
    run.held = true;
  }

  unhold(run: Queue): void {
    run.held = false;
    for (let offer = run.parked.pop(); offer; offer = run.parked.pop()) this.back(offer);
  }

  /** The offer has waited for another of the ageing steps: a copy one class up takes its place. */
  promote(offer: Offer): Offer {
    offer.gone = true;
    const promoted = { ...offer, gained: offer.gained + 1, gone: false };
    if (promoted.parkedIn) promoted.parkedIn.push(promoted);
    else this.waiting.push(promoted);
    return promoted;
  }

  /** Takes the offer's places, or parks it at what stops it. */
  private place(offer: Offer): Pick | undefined {
    const { run, pool: agents } = offer;
    if (run.held || !run.slots.free) return park(run.parked, offer);
    const choice = agents && select(agents.seats);
    if (agents && !choice) return park(agents.parked, offer);
    this.slots.take();
    run.slots.take();
    offer.gone = true;
    if (choice) choice.agent.running++;
    return { offer, seat: choice?.agent, why: choice?.why };
  }

  private passOn({ run, pool: agents }: Offer): void {
    if (!run.held && run.slots.free) this.call(run.parked);
    if (agents?.seats.some(({ card, running }) => running < card.maxConcurrency)) this.call(agents.parked);
  }

  private call(parked: Heap<Offer>): void {
    for (let offer = parked.pop(); offer; offer = parked.pop()) {
      if (offer.gone) continue;
      this.back(offer);
      return;
    }
  }

  private back(offer: Offer): void {
    offer.parkedIn = undefined;
    if (!offer.gone) this.waiting.push(offer);
  }
}

function park(heap: Heap<Offer>, offer: Offer): undefined {
  offer.parkedIn = heap;
  heap.push(offer);
}
