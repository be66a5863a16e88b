/** Plain JSON: what crosses every boundary and lies in the store. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface JsonObject {
  readonly [key: string]: Json;
}

export const MAX_DEPTH = 64;

/** Why a value is not JSON, and where: `$.items[3].total`. */
export interface NotJson {
  readonly path: string;
  readonly problem: string;
}

/**
 * The JSON text of a value, or the first place that has none. `undefined` becomes `null` (a member that is
 * `undefined` is left out, as JSON has always done), `toJSON` is honoured, and the text shares nothing with
 * the value, so a later change of the value changes nothing here.
 */
export function encodeJson(value: unknown): { readonly json: string } | { readonly error: NotJson } {
  if (value === undefined || value === null) return { json: "null" };
  try {
    const error = findProblem(value, "", [], 0);
    if (error) return { error };
    return { json: JSON.stringify(value) ?? "null" };
  } catch (thrown) {
    return {
      error: { path: "$", problem: `could not be read: ${thrown instanceof Error ? thrown.message : String(thrown)}` },
    };
  }
}

function findProblem(value: unknown, path: string, above: object[], depth: number): NotJson | undefined {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? undefined : { path: `$${path}`, problem: "a string with a lone surrogate" };
    case "number":
      return Number.isFinite(value) ? undefined : { path: `$${path}`, problem: `${value} is not a JSON number` };
    case "boolean":
    case "undefined":
      return undefined;
    case "bigint":
      return { path: `$${path}`, problem: "a BigInt" };
    case "function":
      return { path: `$${path}`, problem: "a function" };
    case "symbol":
      return { path: `$${path}`, problem: "a symbol" };
    case "object":
      return value === null ? undefined : findInObject(value, path, above, depth);
  }
}

function findInObject(value: object, path: string, above: object[], depth: number): NotJson | undefined {
  if (depth >= MAX_DEPTH) return { path: `$${path}`, problem: `nesting over ${MAX_DEPTH}` };
  if (hasToJson(value)) {
    const plain = value.toJSON();
    if (plain !== value) return findProblem(plain, path, above, depth + 1);
  }
  if (above.includes(value)) return { path: `$${path}`, problem: "a cycle" };
  above.push(value);
  let problem: NotJson | undefined;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && !problem; i++)
      problem = findProblem(value[i], `${path}[${i}]`, above, depth + 1);
  } else {
    for (const [key, item] of Object.entries(value)) {
      problem = key.isWellFormed()
        ? findProblem(item, memberPath(path, key), above, depth + 1)
        : { path: `$${path}`, problem: "a key with a lone surrogate" };
      if (problem) break;
    }
  }
  above.pop();
  return problem;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

/** The path of a member: `$.steps` and `fetch` give `$.steps.fetch`. */
export function memberPath(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/** JSON with the keys of every object in code-unit order: equal values, equal text, equal hash. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
  const object = value as JsonObject;
  const members: string[] = [];
  for (const key of Object.keys(object).sort()) {
    const item = object[key];
    if (item !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(item)}`);
  }
  return `{${members.join(",")}}`;
}
