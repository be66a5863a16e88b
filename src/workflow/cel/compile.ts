/**
 * CEL as Tutti has it: JSON numbers stay numbers, `7 / 2` is 3.5, optional access is on, `matches` (a regular
 * expression can take for ever) is off, and every evaluation is metered. Nothing here reaches JavaScript's globals or
 * prototypes: members are own members, functions are those of the language.
 */
import { Environment, Optional, ParseError } from "@marcbachmann/cel-js";
import type { Json } from "../../std/json.ts";
import { applyKnown, type Known, ROOTS } from "./known.ts";
import { meter, metered } from "./meter.ts";
import { callOf, type CelType, childrenOf, type Checker, type Node } from "./tree.ts";

const LONGEST = 16_384;
/** A loop in a loop, and no more. */
const MOST_LOOPS = 2;

export interface Refusal {
  readonly message: string;
  /** The characters of the text that are meant. */
  readonly from?: number;
  readonly to?: number;
  readonly name?: string;
  readonly among?: readonly string[];
}

const environment = new Environment({
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 500, maxDepth: 32 },
});
for (const root of ROOTS) environment.registerVariable(root, "dyn");
registerNumbers();

/** CEL keeps whole numbers and others apart; JSON does not. */
function registerNumbers(): void {
  const work = {
    "+": (a: number | bigint, b: number | bigint) => Number(a) + Number(b),
    "-": (a: number | bigint, b: number | bigint) => Number(a) - Number(b),
    "*": (a: number | bigint, b: number | bigint) => Number(a) * Number(b),
    "%": (a: number | bigint, b: number | bigint) => Number(a) % Number(b),
  };
  for (const [operator, handler] of Object.entries(work)) {
    environment.registerOperator(`int ${operator} double: double`, handler);
    environment.registerOperator(`double ${operator} int: double`, handler);
  }
  environment.registerOperator("double % double: double", work["%"]);
  // The other way round comes with it.
  environment.registerOperator("int == double", (a: number | bigint, b: number | bigint) => Number(a) === Number(b));
}

/** Parses and type-checks, with what is known of the names. Nothing is kept. */
export function refusalOf(text: string, known: ReadonlyMap<string, Known>, expected: string): Refusal | undefined {
  try {
    const { ast, check } = parse(text);
    const unknown = applyKnown(ast, known);
    if (unknown) {
      const { node, what, name, among } = unknown;
      return { message: `there is no ${what} ${name}`, from: node.start, to: node.end, name, among };
    }
    const { valid, type = "dyn", error } = check();
    if (!valid) return refusalFrom(error, known);
    if (expected === "any" || type === expected || type.startsWith("dyn")) return undefined;
    return { message: `expected a ${expected}, and this is a ${type}` };
  } catch (thrown) {
    return refusalFrom(thrown, known);
  }
}

/** A function of the view. Throws where `refusalOf` would refuse, without what is known of the names. */
export function compile(text: string): (view: unknown) => Json | undefined {
  return plainly(() => {
    const parsed = parse(text);
    const { valid, error } = parsed.check();
    if (!valid) throw error;
    meter(parsed.ast);
    const most = passedOn(parsed.ast) ? Infinity : MOST_MADE;
    const run = (view: unknown): unknown => metered(() => parsed(view as Record<string, unknown>));
    return (view) => plainly(() => toJson(runOn(view, run), { left: most }));
  });
}

/** The library asks values for their `constructor`, and is led astray by data with a member of that name. */
function runOn(view: unknown, run: (view: unknown) => unknown): unknown {
  try {
    return run(view);
  } catch (thrown) {
    if (!isTold(thrown) || thrown.code !== "unsupported_type") throw thrown;
    return run(asMaps(view));
  }
}

/** The same data, in maps where an object has that member. */
function asMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMaps);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, item]) => [key, asMaps(item)] as const);
  return Object.hasOwn(value, "constructor") ? new Map(members) : Object.fromEntries(members);
}

/** The library's errors draw the expression over several lines; ours say it in one. */
function plainly<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw new Error(refusalFrom(thrown).message);
  }
}

/** Whether what comes out is a part of the view. */
function passedOn({ op, args }: Node): boolean {
  if (op === "id") return ROOTS.includes(String(args));
  return [".", ".?", "[]", "[?]"].includes(op) && passedOn((args as readonly [Node, unknown])[0]);
}

interface Parsed {
  (view: Record<string, unknown>): unknown;
  readonly ast: Node;
  check(): { readonly valid: boolean; readonly type?: string; readonly error?: unknown };
}

function parse(text: string): Parsed {
  if (text.length > LONGEST) throw new Error(`an expression has at most ${LONGEST} characters, not ${text.length}`);
  const parsed = environment.parse(text) as unknown as Parsed;
  prepare(parsed.ast, 0);
  return parsed;
}

/** Refuses what is not offered, and makes `/` the division of JSON numbers. `loops`: those around. */
function prepare(node: Node, loops: number): void {
  const { alternate } = node.meta;
  let inner = loops;
  if (node.op === "call" || node.op === "rcall") {
    const { name } = callOf(node);
    if (name === "matches") throw refused("matches is not offered: a regular expression can take for ever", node);
    if (alternate || name === "bind") inner++;
    if (inner > MOST_LOOPS) throw refused("a loop in a loop may hold no third one", node);
  }
  if (node.op === "/") divide(node);
  for (const child of childrenOf(node)) prepare(child, inner);
}

const NUMBERS = new Set(["int", "double", "uint"]);

function divide(node: Node): void {
  const [left, right] = node.args as [Node, Node];
  node.setMeta("check", (checker: Checker, _node, context): CelType => {
    for (const side of [left, right]) {
      const type = checker.check(side, context);
      if (type.kind !== "dyn" && !NUMBERS.has(type.name)) throw refused(`a ${type.name} cannot be divided`, node);
    }
    return checker.getType("double");
  });
  node.setMeta("evaluate", (evaluator, _node, context) => {
    const [above, below] = [evaluator.run(left, context), evaluator.run(right, context)];
    if (!isNumber(above) || !isNumber(below)) throw refused("only numbers can be divided", node);
    if (Number(below) === 0) throw refused("division by zero", node);
    return Number(above) / Number(below);
  });
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function refused(message: string, { start, end }: Node): ParseError {
  return new ParseError({ message, range: { start, end } });
}

interface Told {
  readonly summary: string;
  readonly code: string;
  readonly range?: { readonly start: number; readonly end: number };
}

function refusalFrom(thrown: unknown, known?: ReadonlyMap<string, Known>): Refusal {
  if (!isTold(thrown)) return { message: thrown instanceof Error ? thrown.message : String(thrown) };
  const { summary, code, range } = thrown;
  const place = range ? { from: range.start, to: range.end } : {};
  const name = code === "unknown_variable" ? /: (\w+)$/.exec(summary)?.[1] : undefined;
  if (name === undefined || !known) return { message: lowered(summary), ...place };
  return { message: `there is no name ${name}`, ...place, name, among: [...known.keys()] };
}

function isTold(thrown: unknown): thrown is Told {
  return thrown instanceof Error && "summary" in thrown && "code" in thrown;
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Values in what an expression made, and for each 32 characters of a text one more. */
const MOST_MADE = 20_000;

/** JSON of what came out; `undefined` for an optional that is empty. */
function toJson(value: unknown, size: { left: number }): Json | undefined {
  size.left -= typeof value === "string" ? 1 + value.length / 32 : 1;
  if (size.left < 0) throw new Error("the value is too large");
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") {
    // JSON has one zero.
    if (Number.isFinite(value)) return value === 0 ? 0 : value;
    throw new Error(`${value} is not a JSON number`);
  }
  if (typeof value === "bigint") {
    if (Number.isSafeInteger(Number(value))) return Number(value);
    throw new Error(`${value} is not exact as a JSON number`);
  }
  if (Array.isArray(value)) return value.map((item) => toJson(item, size) ?? null);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Optional) return value.hasValue() ? toJson(value.value(), size) : undefined;
  if (typeof value === "object" && (value instanceof Map || isPlain(value))) {
    const members: [string, Json][] = [];
    const entries = value instanceof Map ? (value as Map<string, unknown>) : Object.entries(value);
    for (const [key, item] of entries) {
      const json = toJson(item, size);
      if (json !== undefined) members.push([key, json]);
    }
    return Object.fromEntries(members);
  }
  throw new Error("the value is not JSON");
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
