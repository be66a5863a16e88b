/**
 * References inside templates: a string that is exactly `${steps.<id>}`, `${needs.<name>}` or `${input}` stands for
 * that value; a name that is no identifier is written `${steps["a-b"]}`. Any other string is itself.
 */
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

/** What a string of a template stands for; `undefined` when it is only a string. */
export function parseReference(text: string): Reference | undefined {
  if (!text.startsWith("${")) return undefined;
  const match = REFERENCE.exec(text);
  if (match === null) return undefined;
  const [, input, root, plain, quoted] = match;
  if (input !== undefined) return { root: "input" };
  const name = plain ?? (quoted === undefined ? undefined : quoted.slice(1, -1));
  return name === undefined ? undefined : { root: root === "steps" ? "steps" : "needs", name };
}

/**
 * The value of a template. `resolve` answers for each reference; what it answers is not looked into again. What has
 * no value (`undefined`: the step was skipped) is left out of an object, and is `null` anywhere else.
 */
export function fillTemplate(template: Template, resolve: (reference: Reference) => Json | undefined): Json {
  return fill(template, resolve) ?? null;
}

function fill(template: Template, resolve: (reference: Reference) => Json | undefined): Json | undefined {
  if (typeof template === "string") {
    const found = parseReference(template);
    return found === undefined ? template : resolve(found);
  }
  if (template === null || typeof template !== "object") return template;
  if (Array.isArray(template)) return template.map((item: Json) => fillTemplate(item, resolve));
  const filled: [string, Json][] = [];
  for (const [key, item] of Object.entries(template as JsonObject)) {
    const value = fill(item, resolve);
    if (value !== undefined) filled.push([key, value]);
  }
  return Object.fromEntries(filled);
}

/** Calls `visit` for every text in a template, with its JSON path. */
export function visitTexts(template: Template, path: string, visit: (text: string, path: string) => void): void {
  if (typeof template === "string") visit(template, path);
  else if (Array.isArray(template))
    template.forEach((item: Json, index) => visitTexts(item, `${path}[${index}]`, visit));
  else if (template !== null && typeof template === "object")
    for (const [key, item] of Object.entries(template as JsonObject)) visitTexts(item, memberPath(path, key), visit);
}
