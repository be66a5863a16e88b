/**
 * The heart under random definitions and random commands, legal and not, at random times. A failure prints its seed;
 * `npm run test:long` plays thousands.
 */
import { describe, expect, test } from "vitest";
import { verifies } from "../verifies.ts";
import { comesToAnEnd, counterexample, isTheSameAgain, keepsItsHistory } from "./properties.ts";

describe("whatever is asked of a run, in whatever order", () => {
  test(
    "its state is its history, its rows are its state, ends are final, nothing is forgotten",
    verifies("000-F006"),
    () => expect(counterexample(keepsItsHistory, 80)).toBeUndefined(),
  );

  test("answering everything it asks for brings it to an end", () => {
    expect(counterexample(comesToAnEnd, 80)).toBeUndefined();
  });

  test("the same commands at the same times give the same bytes", () => {
    expect(counterexample(isTheSameAgain, 20)).toBeUndefined();
  });
});
