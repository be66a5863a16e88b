import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.ts";

const ascending = (a: number, b: number): boolean => a < b;

test("what is pushed and popped in any order leaves smallest first", () => {
  const step = fc.oneof(
    { weight: 2, arbitrary: fc.integer({ min: -9, max: 9 }) },
    { weight: 1, arbitrary: fc.constant("pop" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap(ascending);
      let kept: number[] = [];
      for (const one of steps) {
        const [next, ...rest] = kept;
        const popped = one === "pop" ? heap.pop() : heap.push(one);
        expect(popped).toBe(one === "pop" ? next : undefined);
        kept = one === "pop" ? rest : [...kept, one].sort((a, b) => a - b);
        expect([heap.size, heap.peek()]).toEqual([kept.length, kept[0]]);
      }
      expect(kept.map(() => heap.pop())).toEqual(kept);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test("an empty heap answers undefined", () => {
  const heap = new Heap(ascending);
  expect([heap.peek(), heap.pop(), heap.size]).toEqual([undefined, undefined, 0]);
});
