/** The run's input against the JSON Schema of its workflow. Interpreted, never compiled to code. */
import type { OutputUnit, Validator } from "@cfworker/json-schema";
import { type Json, type JsonObject, memberPath } from "../std/json.ts";
import { isRecord } from "./check.ts";
import { type Problem, Problems, show } from "./problems.ts";

const validators = new WeakMap<JsonObject, Validator>();

/** Every place where the input is not what the schema says; none when it is. */
export async function checkInput(schema: JsonObject, input: Json): Promise<readonly Problem[]> {
  return problemsIn(leaves(await errorsOf(schema, input)), schema, input);
}

async function errorsOf(schema: JsonObject, input: Json): Promise<readonly OutputUnit[]> {
  let validator = validators.get(schema);
  if (!validator) {
    const { Validator: Made } = await import("@cfworker/json-schema");
    // It writes into the schema it is given.
    validator = new Made(JSON.parse(JSON.stringify(schema)) as JsonObject, "2020-12", false);
    validators.set(schema, validator);
  }
  try {
    return validator.validate(input).errors;
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return [{ keyword: "$ref", keywordLocation: "#", instanceLocation: "#", error: "The schema refers to itself." }];
  }
}

/** What is said of a part is not said again of the whole. */
function leaves(units: readonly OutputUnit[]): readonly OutputUnit[] {
  const within = new Set<string>();
  for (const { keyword, keywordLocation } of units)
    if (keyword !== "false")
      for (let at = keywordLocation.lastIndexOf("/"); at > 0; at = keywordLocation.lastIndexOf("/", at - 1))
        within.add(keywordLocation.slice(0, at));
  // A schema that is `false` is told of where it stands: a property there is not.
  return units.filter(({ keyword, keywordLocation }) => keyword !== "false" && !within.has(keywordLocation));
}

const TYPES = /^Instance type ".*" is invalid\. Expected "(.*)"\.$/;
const MISSING = /^Instance does not have required property "(.*)"\.$/s;
const UNKNOWN = /^Property "(.*)" does not match (?:additional|unevaluated) properties schema\.$/s;

function problemsIn(units: readonly OutputUnit[], schema: JsonObject, input: Json): readonly Problem[] {
  const problems = new Problems();
  /** Alternatives of one place are told together. */
  const types = new Map<string, string[]>();
  for (const { instanceLocation, keywordLocation, error } of units) {
    const path = pathOf(instanceLocation);
    const [, type] = TYPES.exec(error) ?? [];
    const [, missing] = MISSING.exec(error) ?? [];
    const [, unknown] = UNKNOWN.exec(error) ?? [];
    if (type !== undefined)
      types.set(instanceLocation, [...(types.get(instanceLocation) ?? []), type.replaceAll('", "', " or ")]);
    else if (missing !== undefined) problems.add(memberPath(path, missing), `expected ${missing}, which is missing`);
    else if (unknown !== undefined) {
      const around = valueAt(schema, `${keywordLocation.replace(/\/[^/]*$/, "")}/properties`);
      const among = isRecord(around) ? Object.keys(around) : [];
      problems.add(memberPath(path, unknown), "there is no such property", { name: unknown, among });
    } else
      problems.add(
        path,
        `${error.charAt(0).toLowerCase()}${error.slice(1, -1)}, and this is ${show(valueAt(input, instanceLocation))}`,
      );
  }
  for (const [place, names] of types)
    problems.add(pathOf(place), `expected ${[...new Set(names)].join(" or ")}, not ${show(valueAt(input, place))}`);
  return problems.list();
}

function pathOf(location: string): string {
  return segmentsOf(location).reduce(
    (path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : memberPath(path, key)),
    "$",
  );
}

/** The part of a value that a pointer names; a `$ref` on the way is followed. */
function valueAt(root: Json, location: string): unknown {
  let value: unknown = root;
  for (const key of segmentsOf(location)) {
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string, unknown>)[key] : undefined;
    if (key === "$ref" && typeof value === "string") value = valueAt(root, value);
  }
  return value;
}

function segmentsOf(location: string): readonly string[] {
  return location
    .split("/")
    .slice(1)
    .map((key) => decodeURI(key).replaceAll("~1", "/").replaceAll("~0", "~"));
}
