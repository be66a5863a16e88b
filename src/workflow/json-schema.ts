/** Whether a JSON Schema is one: 2020-12, whole in itself, so that checking an input against it cannot fail. */
import { encodeJson, memberPath } from "../std/json.ts";
import { nearestName } from "../std/name.ts";
import { type Check, isRecord, listOf, oneOf } from "./check.ts";
import { show } from "./problems.ts";

const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"];

const type: Check = (value, path, problems) =>
  (Array.isArray(value) ? listOf(oneOf(TYPES)) : oneOf(TYPES))(value, path, problems);

function number(least: number): Check {
  return (value, path, problems) => {
    if (typeof value !== "number" || value < least)
      problems.add(path, `expected a number${least === 0 ? " from 0" : ""}, not ${show(value)}`);
  };
}

const text: Check = (value, path, problems) => {
  if (typeof value !== "string") problems.add(path, `expected a text, not ${show(value)}`);
};

const pattern: Check = (value, path, problems) => {
  try {
    if (typeof value === "string") RegExp(value, "u");
    else problems.add(path, `expected a regular expression, not ${show(value)}`);
  } catch {
    problems.add(path, `expected a regular expression, not ${show(value)}`);
  }
};

const texts: Check = (value, path, problems) => {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    problems.add(path, `expected a list of texts, not ${show(value)}`);
};

const list: Check = (value, path, problems) => {
  if (!Array.isArray(value)) problems.add(path, `expected a list, not ${show(value)}`);
};

const flag: Check = (value, path, problems) => {
  if (typeof value !== "boolean") problems.add(path, `expected true or false, not ${show(value)}`);
};

/** What is here and elsewhere is defined in the schema itself. */
const reference: Check = (value, path, problems) => {
  if (typeof value !== "string" || !/^#(\/.*)?$/.test(value))
    problems.add(path, `expected a place in this schema such as #/$defs/name, not ${show(value)}`);
};

const one: Check = (value, path, problems) => {
  if (typeof value !== "boolean") subschema(value, path, problems);
};

const many: Check = (value, path, problems) => {
  if (!Array.isArray(value) || value.length === 0) problems.add(path, `expected a list of schemas, not ${show(value)}`);
  else for (const [index, item] of value.entries()) one(item, `${path}[${index}]`, problems);
};

const byName: Check = (value, path, problems) => {
  if (!isRecord(value)) problems.add(path, `expected { name: schema }, not ${show(value)}`);
  else for (const [key, item] of Object.entries(value)) one(item, memberPath(path, key), problems);
};

const byPattern: Check = (value, path, problems) => {
  byName(value, path, problems);
  if (isRecord(value)) for (const key of Object.keys(value)) pattern(key, memberPath(path, key), problems);
};

const needed: Check = (value, path, problems) => {
  if (!isRecord(value)) problems.add(path, `expected { name: [name, …] }, not ${show(value)}`);
  else for (const [key, item] of Object.entries(value)) texts(item, memberPath(path, key), problems);
};

const anything: Check = () => {};

function all(check: Check, ...names: readonly string[]): readonly (readonly [string, Check])[] {
  return names.map((name) => [name, check]);
}

const KEYWORDS: ReadonlyMap<string, Check> = new Map([
  ...all(
    one,
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "items",
    "unevaluatedItems",
    "contains",
  ),
  ...all(one, "not", "if", "then", "else"),
  ...all(many, "allOf", "anyOf", "oneOf", "prefixItems"),
  ...all(byName, "properties", "$defs", "definitions", "dependentSchemas"),
  ...all(byPattern, "patternProperties"),
  ...all(number(0), "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
  ...all(number(0), "minContains", "maxContains", "multipleOf"),
  ...all(number(-Infinity), "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
  ...all(text, "title", "description", "format", "$schema", "$comment", "contentEncoding", "contentMediaType"),
  ...all(flag, "uniqueItems", "deprecated", "readOnly", "writeOnly"),
  ...all(list, "enum", "examples"),
  ...all(anything, "const", "default"),
  ...all(reference, "$ref"),
  ...all(type, "type"),
  ...all(pattern, "pattern"),
  ...all(texts, "required"),
  ...all(needed, "dependentRequired"),
]);

/** Whose meaning depends on other documents, or on the way taken. */
const NOT_OFFERED = [
  "$id",
  "$anchor",
  "$dynamicRef",
  "$dynamicAnchor",
  "$recursiveRef",
  "$recursiveAnchor",
  "$vocabulary",
];

const subschema: Check = (value, path, problems) => {
  if (!isRecord(value)) {
    problems.add(path, `expected a JSON Schema, not ${show(value)}`);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const at = memberPath(path, key);
    const check = KEYWORDS.get(key);
    if (check) check(item, at, problems);
    else if (NOT_OFFERED.includes(key)) problems.add(at, `${key} is not offered: the schema must be whole in itself`);
    // Other words are for people; but one that is nearly a word of the language is probably mistyped.
    else if (nearestName(key, KEYWORDS.keys()) !== undefined)
      problems.add(at, "no such keyword", { name: key, among: [...KEYWORDS.keys()] });
  }
};

export const jsonSchema: Check = (value, path, problems) => {
  const encoded = encodeJson(value);
  if ("error" in encoded) {
    problems.add(`${path}${encoded.error.path.slice(1)}`, `expected JSON, not ${encoded.error.problem}`);
    return;
  }
  const schema: unknown = JSON.parse(encoded.json);
  subschema(schema, path, problems);
  for (const [at, target] of references(schema, path))
    if (!exists(schema, target)) problems.add(at, `there is no ${target} in this schema`);
};

/** Every `$ref` of the right form, where a schema may stand or not: a few too many do no harm. */
function references(value: unknown, path: string): (readonly [string, string])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const at = Array.isArray(value) ? `${path}[${key}]` : memberPath(path, key);
    if (key === "$ref" && typeof item === "string" && item.startsWith("#/")) return [[at, item] as const];
    return references(item, at);
  });
}

function exists(schema: unknown, target: string): boolean {
  let value = schema;
  for (const part of target.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string, unknown>)[key];
  }
  return true;
}
