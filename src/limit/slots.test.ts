import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

test("slots are free until the limit is reached, and again when one is released", () => {
  const slots = new Slots(2);
  slots.take();
  expect([slots.free, slots.running]).toEqual([true, 1]);
  slots.take();
  expect(slots.free).toBe(false);
  slots.release();
  expect([slots.free, slots.running]).toEqual([true, 1]);
});
