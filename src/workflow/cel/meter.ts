/**
 * What an evaluation may cost. Every node that is evaluated counts, an operand counts by its size where the work
 * depends on it, and at the limit evaluation ends. So an expression is bounded whatever its lists, strings and
 * loops are, and the same view always gives the same answer: no clock is asked.
 */
import { callOf, childrenOf, type Comprehension, type Node } from "./tree.ts";

const MOST_OPERATIONS = 10_000;
const ERROR = 10;

/** One instance, without a stack: `||` and `exists` catch it and go on, thousands of times. */
const EXHAUSTED = new RangeError(`it takes more than ${MOST_OPERATIONS} operations`);
delete EXHAUSTED.stack;

// Evaluation is synchronous and never nests, so one count is enough.
let left = 0;

/** Runs a metered expression; throws EXHAUSTED also where the expression itself caught it. */
export function metered(run: () => unknown): unknown {
  left = MOST_OPERATIONS;
  const value = run();
  if (left < 0) throw EXHAUSTED;
  return value;
}

function spend(operations: number): void {
  left -= operations;
  if (left < 0) throw EXHAUSTED;
}

type Weight = (value: unknown) => number;

/** Puts the meter into a checked tree. */
export function meter(node: Node, weight?: Weight): void {
  const { alternate } = node.meta;
  if (alternate) {
    meter(alternate, weight);
    return;
  }
  const { evaluate } = node.meta;
  const made = node.op === "call" || node.op === "rcall";
  node.setMeta("evaluate", (evaluator, self, context) => {
    spend(1);
    try {
      const value = evaluate(evaluator, self, context);
      if (made) spend(shallowWeight(value));
      if (weight) spend(weight(value));
      return value;
    } catch (thrown) {
      // An error that the expression may yet catch, many times over, costs as much as some nodes.
      if (thrown !== EXHAUSTED) spend(ERROR);
      throw thrown;
    }
  });
  const weights = weightsOf(node);
  for (const child of childrenOf(node)) meter(child, weights(child));
}

const COMPARED: Weight = (value) => deepWeight(value, left);
const SHALLOW: Weight = (value) => shallowWeight(value);
/** A list knows its length. */
const MEASURED: Weight = (value) => (Array.isArray(value) ? 0 : shallowWeight(value));
/** Looking up a key costs nothing, looking through a list does. */
const SEARCHED: Weight = (value) => (Array.isArray(value) ? deepWeight(value, left) : shallowWeight(value));
const ITERATED: Weight = (value) => (Array.isArray(value) ? value.length : shallowWeight(value) * 4);
/** The library reads these texts in time quadratic to their length. */
const SCANNED: Weight = (value) => (typeof value === "string" ? value.length ** 2 / 64 : 0);
/** A time zone by name takes the machine's own tables. */
const ZONE: Weight = () => 200;

function weightsOf(node: Node): (child: Node) => Weight | undefined {
  switch (node.op) {
    case "==":
    case "!=":
      return () => COMPARED;
    case "in":
      return () => SEARCHED;
    case "+":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return () => SHALLOW;
    case "comprehension": {
      const { iterable } = node.args as Comprehension;
      return (child) => (child === iterable ? ITERATED : undefined);
    }
    case "call":
    case "rcall": {
      const { name, receiver } = callOf(node);
      if (name === "size") return () => MEASURED;
      if (name === "duration") return () => SCANNED;
      if (name.startsWith("get")) return (child) => (child === receiver ? undefined : ZONE);
      return () => SHALLOW;
    }
    default:
      return () => undefined;
  }
}

function shallowWeight(value: unknown): number {
  if (typeof value === "string") return value.length / 32;
  if (Array.isArray(value)) return value.length / 16;
  return typeof value === "object" && value !== null ? Object.keys(value).length / 4 : 0;
}

/** Stops counting where there is no more to spend. */
function deepWeight(value: unknown, most: number): number {
  if (typeof value === "string") return value.length / 32;
  if (typeof value !== "object" || value === null) return 1;
  let total = 1;
  const keys = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (keys > most) return keys;
  for (const item of Object.values(value) as readonly unknown[]) {
    total += deepWeight(item, most - total);
    if (total > most) break;
  }
  return total;
}
