import { expect, test } from "vitest";
import { comesToAnEnd, counterexample, isTheSameAgain, keepsItsHistory } from "../heart/properties.ts";

/** Rounds of 100, since each stops after 20 s to say what it found. */
const ROUNDS = 50;

test(`${ROUNDS * 100} random runs of the heart keep their history, come to an end, and are the same again`, () => {
  for (let round = 0; round < ROUNDS; round++) {
    expect(counterexample(keepsItsHistory, 100)).toBeUndefined();
    expect(counterexample(comesToAnEnd, 100)).toBeUndefined();
    expect(counterexample(isTheSameAgain, 100)).toBeUndefined();
  }
});
