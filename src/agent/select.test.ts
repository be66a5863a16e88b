import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Candidate, select } from "./select.ts";

function candidate(id: string, running: number, maxConcurrency: number, order: number): Candidate {
  const card = { id, capabilities: [], version: "0.0.0", tags: [], maxConcurrency, executor: "function" };
  return { card, running, order };
}

describe("select", () => {
  test("takes the least loaded by share of its slots, not by count", () => {
    const picked = select([candidate("small", 1, 2, 0), candidate("large", 3, 16, 1)]);
    expect(picked?.agent.card.id).toBe("large");
    expect(picked?.why).toBe("the least loaded of 2 free (2 fit): 3 of 16 slots taken");
  });

  test("never takes an agent without a free slot", () => {
    expect(select([candidate("full", 2, 2, 0), candidate("busy", 9, 10, 1)])?.agent.card.id).toBe("busy");
    expect(select([candidate("full", 2, 2, 0)])).toBeUndefined();
    expect(select([])).toBeUndefined();
  });

  test("a tie goes to the one registered first, in whatever order they are given", () => {
    const first = candidate("first", 1, 3, 4);
    const second = candidate("second", 2, 6, 5);
    expect(select([first, second])?.agent).toBe(first);
    expect(select([second, first])?.agent).toBe(first);
  });

  test("says so when there was no choice", () => {
    expect(select([candidate("cmo", 0, 16, 0)])?.why).toBe("the only agent: 0 of 16 slots taken");
  });

  test("answers the same for every order of the same candidates, and never an agent with a larger load", () => {
    const candidates = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(candidates, fc.infiniteStream(fc.nat()), (loads, shuffle) => {
        const all = loads.map(([running, max], order) => candidate(`a${order}`, running, max, order));
        const picked = select(all);
        const shuffled = all
          .map((one) => ({ one, key: shuffle.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(select(shuffled)).toEqual(picked);
        const free = all.filter((one) => one.running < one.card.maxConcurrency);
        expect(picked === undefined).toBe(free.length === 0);
        const load = (one: Candidate) => one.running / one.card.maxConcurrency;
        for (const one of free) expect(load(one)).toBeGreaterThanOrEqual(load(picked?.agent ?? one));
      }),
    );
  });
});
