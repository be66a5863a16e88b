import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { TaskError } from "../../src/errors.ts";
import { seeded } from "../../src/std/random.ts";
import { evaluateExpression } from "../../src/workflow/expression.ts";
import { randomExpression, VIEW } from "../expressions/random.ts";
import { processorMs } from "../house/processor.ts";

const MANY = 1_000_000;

test(
  `${MANY} random expressions give JSON or a validation_error, in at most 10 ms each`,
  { timeout: 1_200_000 },
  () => {
    const random = seeded(44);
    const before = JSON.stringify(VIEW);
    const wrong: string[] = [];
    let valued = 0;
    for (let i = 0; i < MANY; i++) {
      const text = randomExpression(random);
      const began = performance.now();
      const came = outcome(text);
      // On a busy machine the wall is no measure: the slow ones are tried again by what they cost.
      if (performance.now() - began > 10 && processorMs(() => void outcome(text)) > 10) wrong.push(`slow: ${text}`);
      if (came === "refused") continue;
      valued++;
      if (came !== undefined && !isDeepStrictEqual(JSON.parse(JSON.stringify(came)), came))
        wrong.push(`not JSON: ${text}`);
    }
    expect(wrong).toEqual([]);
    expect(JSON.stringify(VIEW)).toBe(before);
    expect(valued).toBeGreaterThan(MANY / 50);
  },
);

function outcome(text: string): unknown {
  try {
    return evaluateExpression(text, VIEW);
  } catch (thrown) {
    if (thrown instanceof TaskError && thrown.kind === "validation_error") return "refused";
    throw thrown;
  }
}
