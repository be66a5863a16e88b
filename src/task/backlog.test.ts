import { describe, expect, test } from "vitest";
import { Backlog, pool, queue } from "./backlog.ts";
import type { Offer, Pool, Queue, Seat } from "./order.ts";

const seatOf = (id: string, maxConcurrency = 1): Seat => ({
  card: { id, capabilities: [], version: "1.0.0", tags: [], maxConcurrency, executor: "function" },
  order: 0,
  running: 0,
  pools: [],
});

const offerOf = (task: string, run: Queue, agents?: Pool): Offer => ({
  task,
  run,
  pool: agents,
  runClass: 2,
  stepClass: 2,
  runOrder: 0,
  remaining: 0,
  readyAt: 0,
  index: 0,
  gained: 0,
  gone: false,
  parkedIn: undefined,
});

/** Adds them one by one and takes what may begin. */
function offered(backlog: Backlog, ...offers: readonly Offer[]): unknown[] {
  for (const offer of offers) backlog.add(offer);
  return picked(backlog);
}

function picked(backlog: Backlog): unknown[] {
  const tasks: unknown[] = [];
  for (let pick = backlog.pick(); pick; pick = backlog.pick()) tasks.push(pick.offer.task);
  return tasks;
}

describe("no place stays free while an offer waits that may have it (B1)", () => {
  test("an agent's freed slot goes past a task whose run has become full", () => {
    const backlog = new Backlog(10);
    const [ann, full, other] = [seatOf("ann"), queue(1), queue(9)];
    const agents = pool([ann]);
    expect(offered(backlog, offerOf("holds ann", queue(9), agents))).toEqual(["holds ann"]);
    expect(offered(backlog, offerOf("first in line", full, agents), offerOf("second", other, agents))).toEqual([]);
    expect(offered(backlog, offerOf("fills the run", full))).toEqual(["fills the run"]);
    backlog.release(queue(9), ann);
    expect(picked(backlog)).toEqual(["second"]);
  });

  test("a run's freed place goes past a task whose agents are busy", () => {
    const backlog = new Backlog(10);
    const [ann, one] = [seatOf("ann"), queue(1)];
    const agents = pool([ann]);
    expect(offered(backlog, offerOf("holds the run", one))).toEqual(["holds the run"]);
    expect(offered(backlog, offerOf("for ann", one, agents), offerOf("inline", one))).toEqual([]);
    expect(offered(backlog, offerOf("holds ann", queue(9), agents))).toEqual(["holds ann"]);
    backlog.release(one, undefined);
    expect(picked(backlog)).toEqual(["inline"]);
  });

  test("a task that is gone before its turn hands on the place it was called for", () => {
    const backlog = new Backlog(2);
    const [ann, run] = [seatOf("ann"), queue(9)];
    const agents = pool([ann]);
    const [late, next] = [offerOf("late", run, agents), offerOf("next", run, agents)];
    expect(offered(backlog, offerOf("holds ann", run, agents), offerOf("holds a slot", run))).toHaveLength(2);
    backlog.add(late);
    backlog.add(next);
    backlog.release(run, undefined);
    expect(picked(backlog)).toEqual([]);
    expect(offered(backlog, offerOf("holds a slot again", run))).toHaveLength(1);
    backlog.release(run, ann);
    late.gone = true;
    expect(picked(backlog)).toEqual(["next"]);
  });

  test("every task begins, whatever stops it meanwhile", () => {
    const backlog = new Backlog(3);
    const seats = [seatOf("ann"), seatOf("bob", 2)];
    const pools = [pool(seats), pool(seats.slice(0, 1)), undefined];
    const runs = [queue(1), queue(2)];
    const all = Array.from({ length: 60 }, (_, n) => offerOf(`t${n}`, runs[n % 2]!, pools[n % 3]));
    for (const offer of all) backlog.add(offer);
    const under: { run: Queue; seat: Seat | undefined }[] = [];
    const begun = new Set<unknown>();
    for (let n = 0; begun.size < all.length && n < 1_000; n++) {
      for (let pick = backlog.pick(); pick; pick = backlog.pick()) {
        begun.add(pick.offer.task);
        under.push({ run: pick.offer.run, seat: pick.seat });
        for (const run of runs) expect(run.slots.running).toBeLessThanOrEqual(run.slots.limit);
        for (const seat of seats) expect(seat.running).toBeLessThanOrEqual(seat.card.maxConcurrency);
      }
      const [ended] = under.splice((n * 7) % Math.max(1, under.length), 1);
      if (ended) backlog.release(ended.run, ended.seat);
    }
    expect(begun.size).toBe(all.length);
  });
});
