/**
 * Expressions: CEL, for conditions, choices and templates.
 */
import { TaskError } from "../errors.ts";
import type { Json, JsonObject } from "../std/json.ts";
import { compile, refusalOf } from "./cel/compile.ts";
import { type Known, knownOf } from "./cel/known.ts";

/** What an expression may name, and what is known of it. */
export interface ExpressionScope {
  /** `settled`: it shows how the need ended. Absent: there are no needs here. */
  readonly needs?: ReadonlyMap<string, "value" | "settled">;
  /** Absent: there are no outputs of steps here. */
  readonly steps?: ReadonlySet<string>;
  /** The JSON Schema of the run's input. */
  readonly input?: JsonObject;
}

/** What must come out, as far as it can be known before: a condition is a bool, a choice a string. */
export type Expected = "bool" | "string" | "any";

export interface ExpressionProblem {
  readonly message: string;
  /** For a suggestion. */
  readonly meant?: { readonly name: string; readonly among: readonly string[] };
}

type Compiled = ReturnType<typeof compile>;

const MOST_KEPT = 1_000;

/** By text, the last used last. */
const compiled = new Map<string, Compiled>();

/** Why this is no expression here; `undefined` when it is one. */
export function checkExpression(
  text: string,
  scope: ExpressionScope,
  expected: Expected,
): ExpressionProblem | undefined {
  const refusal = refusalOf(text, namesIn(scope), expected);
  if (!refusal) return undefined;
  const { message, from, to, name, among } = refusal;
  const part = from !== undefined && to !== undefined && to - from < text.length ? text.slice(from, to).trim() : "";
  const told = part === "" ? message : `${message}, at character ${(from ?? 0) + 1}: ${part}`;
  return name === undefined || !among ? { message: told } : { message: told, meant: { name, among } };
}

/**
 * The value of an expression on `{ input, needs, vars, run }` or `{ input, steps, vars, run }`; `undefined` for an
 * optional without a value. Throws a validation_error that names the expression.
 */
export function evaluateExpression(text: string, view: unknown, expected: Expected = "any"): Json | undefined {
  try {
    const value = expressionOf(text)(view);
    if (expected === "any" || typeof value === (expected === "bool" ? "boolean" : "string")) return value;
    throw new Error(`expected a ${expected}, and this is ${JSON.stringify(value) ?? "without a value"}`);
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    throw new TaskError("validation_error", `the expression ${shortened(text)}: ${problem}`);
  }
}

function expressionOf(text: string): Compiled {
  const kept = compiled.get(text);
  const expression = kept ?? compile(text);
  if (kept) compiled.delete(text);
  else if (compiled.size >= MOST_KEPT) compiled.delete(compiled.keys().next().value as string);
  compiled.set(text, expression);
  return expression;
}

const STRING: Known = { type: "string" };
const MAP: Known = { type: "map<string, dyn>" };
const VALUE: Known = {};
const RUN: Known = {
  type: "map<string, dyn>",
  members: new Map([
    ["id", STRING],
    ["tags", { type: "list<string>", element: STRING }],
    ["metadata", MAP],
  ]),
  closed: "member of run",
};
const FAILURE: Known = {
  type: "map<string, dyn>",
  members: new Map([
    ["kind", STRING],
    ["message", STRING],
  ]),
};
const SETTLED: Known = {
  type: "map<string, dyn>",
  members: new Map([
    ["status", STRING],
    ["output", VALUE],
    ["error", FAILURE],
    ["reason", STRING],
  ]),
  closed: "member of a settled need",
};

/** Many expressions are checked in one scope. */
const named = new WeakMap<ExpressionScope, ReadonlyMap<string, Known>>();

function namesIn(scope: ExpressionScope): ReadonlyMap<string, Known> {
  const before = named.get(scope);
  if (before) return before;
  const { needs, steps, input } = scope;
  const names = new Map<string, Known>([
    ["input", input ? knownOf(input) : VALUE],
    ["vars", MAP],
    ["run", RUN],
  ]);
  if (needs) {
    const members = new Map([...needs].map(([name, shown]) => [name, shown === "settled" ? SETTLED : VALUE]));
    names.set("needs", { type: "map<string, dyn>", members, closed: "need" });
  }
  if (steps) {
    const members = new Map([...steps].map((id) => [id, VALUE]));
    names.set("steps", { type: "map<string, dyn>", members, closed: "step" });
  }
  named.set(scope, names);
  return names;
}

function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}
