/**
 * Templates: JSON whose strings may hold expressions. A string that is exactly one `${…}` stands for that value, in
 * any other each `${…}` is put in as text, and `$${` is a plain `${`. The plain references `${input}`, `${needs.<name>}`
 * and `${steps.<id>}` (`${steps["a-b"]}` for a name that is no identifier) need no expression language.
 */
import { TaskError } from "../errors.ts";
import { type Json, type JsonObject, memberPath } from "../std/json.ts";
import type { Template } from "./definition.ts";

export type Reference =
  | { readonly root: "input" }
  | { readonly root: "steps"; readonly name: string }
  | { readonly root: "needs"; readonly name: string };

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const REFERENCE = /^\$\{(?:(input)|(steps|needs)(?:\.([A-Za-z_]\w*)|\[("[^"\\]*")\]))\}$/;

/** The text that stands for a step's output. */
export function stepReference(id: string): string {
  return reference("steps", id);
}

/** The text that stands for what is needed under this name. */
export function needReference(name: string): string {
  return reference("needs", name);
}

function reference(root: "steps" | "needs", name: string): string {
  return IDENTIFIER.test(name) ? `\${${root}.${name}}` : `\${${root}[${JSON.stringify(name)}]}`;
}

/** What a string of a template stands for; `undefined` when it is no plain reference. */
export function parseReference(text: string): Reference | undefined {
  if (!text.startsWith("${")) return undefined;
  const match = REFERENCE.exec(text);
  if (match === null) return undefined;
  const [, input, root, plain, quoted] = match;
  if (input !== undefined) return { root: "input" };
  const name = plain ?? (quoted === undefined ? undefined : quoted.slice(1, -1));
  return name === undefined ? undefined : { root: root === "steps" ? "steps" : "needs", name };
}

/** A piece of a text: itself, or an expression, which may be a plain reference. */
export type Part = { readonly text: string } | { readonly expression: string; readonly reference?: Reference };

const NO_PARTS: readonly Part[] = [];

/** The pieces of a text of a template; none when it is only a text. A `${` that is not ended is a problem. */
export function partsOf(text: string): readonly Part[] | { readonly problem: string } {
  if (!text.includes("${")) return NO_PARTS;
  const parts: Part[] = [];
  let plain = "";
  let at = 0;
  for (let open = text.indexOf("${"); open !== -1; open = text.indexOf("${", at)) {
    const escaped = open > at && text[open - 1] === "$";
    plain += text.slice(at, escaped ? open - 1 : open);
    if (escaped) {
      plain += "${";
      at = open + 2;
      continue;
    }
    const end = endOf(text, open + 2);
    if (end === -1) return { problem: `a \${ without its }, in ${JSON.stringify(text.slice(open, open + 60))}` };
    if (plain !== "") parts.push({ text: plain });
    plain = "";
    at = end + 1;
    const found = parseReference(text.slice(open, at));
    const expression = text.slice(open + 2, end);
    parts.push(found ? { expression, reference: found } : { expression });
  }
  plain += text.slice(at);
  if (plain !== "") parts.push({ text: plain });
  return parts;
}

/** Where the expression that begins here ends: at the first `}` that is of no map and in no text of its own. */
function endOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (sign === "{") depth++;
    else if (sign === "}" && depth-- === 0) return at;
    else if (sign === "'" || sign === '"') {
      at = endOfQuoted(text, at, sign);
      if (at === -1) return -1;
    }
  }
  return -1;
}

/** The last sign of a text in quotes, single or tripled; after an `r` it has no escapes. */
function endOfQuoted(text: string, from: number, sign: string): number {
  const quote = text.startsWith(sign.repeat(3), from) ? sign.repeat(3) : sign;
  const raw = /(?:^|\W)[rR]$/.test(text.slice(Math.max(0, from - 2), from));
  for (let at = from + quote.length; at < text.length; at++) {
    if (text[at] === "\\" && !raw) at++;
    else if (text.startsWith(quote, at)) return at + quote.length - 1;
  }
  return -1;
}

type Resolve = (reference: Reference) => Json | undefined;
type Evaluate = (expression: string) => Json | undefined;

/**
 * The value of a template. `resolve` answers for each plain reference, `evaluate` for every other expression; what
 * they answer is not looked into again. What has no value (`undefined`: the step was skipped) is left out of an object,
 * is nothing in a text, and `null` anywhere else.
 */
export function fillTemplate(template: Template, resolve: Resolve, evaluate: Evaluate = noExpressions): Json {
  return fill(template, resolve, evaluate) ?? null;
}

function noExpressions(expression: string): never {
  throw new TaskError("validation_error", `expressions are not understood here: ${expression}`);
}

function fill(template: Template, resolve: Resolve, evaluate: Evaluate): Json | undefined {
  if (typeof template === "string") return fillText(template, resolve, evaluate);
  if (template === null || typeof template !== "object") return template;
  if (Array.isArray(template)) return template.map((item: Json) => fillTemplate(item, resolve, evaluate));
  const filled: [string, Json][] = [];
  for (const [key, item] of Object.entries(template as JsonObject)) {
    const value = fill(item, resolve, evaluate);
    if (value !== undefined) filled.push([key, value]);
  }
  return Object.fromEntries(filled);
}

function fillText(text: string, resolve: Resolve, evaluate: Evaluate): Json | undefined {
  const parts = partsOf(text);
  if ("problem" in parts) throw new TaskError("validation_error", parts.problem);
  const [first] = parts;
  if (first === undefined) return text;
  const valueOf = (part: Part): Json | undefined => {
    if ("text" in part) return part.text;
    return part.reference ? resolve(part.reference) : evaluate(part.expression);
  };
  if (parts.length === 1) return valueOf(first);
  return parts.map((part) => textOf(valueOf(part))).join("");
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

/** Calls `visit` for every text in a template, with its JSON path. */
export function visitTexts(template: Template, path: string, visit: (text: string, path: string) => void): void {
  if (typeof template === "string") visit(template, path);
  else if (Array.isArray(template))
    template.forEach((item: Json, index) => visitTexts(item, `${path}[${index}]`, visit));
  else if (template !== null && typeof template === "object")
    for (const [key, item] of Object.entries(template as JsonObject)) visitTexts(item, memberPath(path, key), visit);
}
