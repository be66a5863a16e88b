import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Vector } from "./vector.ts";

describe("a persistent vector", () => {
  test("behaves as an array does, and every earlier version stays as it was", () => {
    const change = fc.oneof(fc.record({ push: fc.integer() }), fc.record({ set: fc.nat(), to: fc.integer() }));
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { maxLength: 1_200 }),
        fc.array(change, { maxLength: 60 }),
        (items, changes) => {
          let vector = Vector.from(items);
          let array = [...items];
          const versions: [Vector<number>, readonly number[]][] = [[vector, array]];
          for (const one of changes) {
            if ("push" in one) {
              vector = vector.push(one.push);
              array = [...array, one.push];
            } else if (array.length > 0) {
              const at = one.set % array.length;
              vector = vector.set(at, one.to);
              array = array.with(at, one.to);
            }
            versions.push([vector, array]);
          }
          for (const [made, expected] of versions) {
            expect(made.length).toBe(expected.length);
            expect([...made]).toEqual(expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  // 32, 1,024 and 32,768 are where another level begins.
  test.each([0, 1, 31, 32, 33, 1_023, 1_024, 1_025, 32_767, 32_768, 32_769])(
    "holds %d items, made at once or one by one",
    (size) => {
      const items = Array.from({ length: size }, (_, i) => i);
      let pushed = Vector.empty<number>();
      for (const item of items) pushed = pushed.push(item);
      for (const vector of [Vector.from(items), pushed]) {
        expect(vector.length).toBe(size);
        expect([...vector]).toEqual(items);
        for (const at of [0, size >> 1, size - 1].slice(0, size)) expect(vector.at(at)).toBe(at);
        const longer = vector.push(-1);
        expect(longer.at(size)).toBe(-1);
        expect(vector.length).toBe(size);
      }
    },
  );

  test("refuses an index that is not there", () => {
    const vector = Vector.from([1, 2, 3]);
    for (const index of [-1, 3, 1.5, Number.NaN]) {
      expect(() => vector.at(index)).toThrow(RangeError);
      expect(() => vector.set(index, 0)).toThrow(RangeError);
    }
    expect(() => Vector.empty<number>().at(0)).toThrow(RangeError);
  });

  test("shares all but one path with the version before it", () => {
    const items = Array.from({ length: 40_000 }, (_, i) => ({ i }));
    const vector = Vector.from(items);
    const changed = vector.set(20_000, { i: -1 });
    let same = 0;
    for (let i = 0; i < 40_000; i++) if (vector.at(i) === changed.at(i)) same++;
    expect(same).toBe(39_999);
  });

  test("keeps undefined as an item", () => {
    expect([...Vector.from<number | undefined>([undefined, 1]).push(undefined)]).toEqual([undefined, 1, undefined]);
  });
});
