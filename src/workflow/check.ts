/** Small checks that are put together into tables: what a value must be, told with its path when it is not. */
import { memberPath } from "../std/json.ts";
import { isName, NAME_RULE } from "../std/name.ts";
import { type Problems, show } from "./problems.ts";

export type Check = (value: unknown, path: string, problems: Problems) => void;

/** Checked elsewhere, because it depends on what is around it. */
export const elsewhere: Check = () => {};

export const name: Check = (value, path, problems) => {
  if (!isName(value)) problems.add(path, `expected a name (${NAME_RULE}), not ${show(value)}`);
};

export const yes: Check = (value, path, problems) => {
  if (value !== true) problems.add(path, `expected true, or no such key, not ${show(value)}`);
};

export const flag: Check = (value, path, problems) => {
  if (typeof value !== "boolean") problems.add(path, `expected true or false, not ${show(value)}`);
};

export function text(most: number): Check {
  return (value, path, problems) => {
    if (typeof value !== "string" || value === "" || value.length > most || !value.isWellFormed())
      problems.add(path, `expected a text of 1 to ${most} characters, not ${show(value)}`);
  };
}

export function within(least: number, most: number, whole?: "whole"): Check {
  const kind = whole ? "a whole number" : "a number";
  return (value, path, problems) => {
    const fits = typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value));
    if (!fits) problems.add(path, `expected ${kind} from ${least} to ${most}, not ${show(value)}`);
  };
}

export function oneOf(values: readonly string[]): Check {
  return (value, path, problems) => {
    if (typeof value === "string" && values.includes(value)) return;
    const message = `expected ${values.length === 1 ? "" : "one of "}${values.join(", ")}, not ${show(value)}`;
    problems.add(path, message, { name: typeof value === "string" ? value : "", among: values });
  };
}

/** At least one, none of them twice. */
export function listOf(check: Check): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value) || value.length === 0) {
      problems.add(path, `expected a list that is not empty, not ${show(value)}`);
      return;
    }
    const seen = new Set<unknown>();
    for (const [index, item] of value.entries()) {
      check(item, `${path}[${index}]`, problems);
      if (seen.has(item)) problems.add(`${path}[${index}]`, `${show(item)} is there twice`);
      seen.add(item);
    }
  };
}

/** An object with these members and no others; a member that is `undefined` counts as absent. */
export function object(members: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  const known = Object.keys(members);
  return (value, path, problems) => {
    if (!isRecord(value)) {
      problems.add(path, `expected an object, not ${show(value)}`);
      return;
    }
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined) continue;
      if (Object.hasOwn(members, key)) members[key]?.(item, memberPath(path, key), problems);
      else problems.add(memberPath(path, key), "no such key", { name: key, among: known });
    }
    for (const key of required)
      if (value[key] === undefined) problems.add(memberPath(path, key), `expected ${key}, which is missing`);
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
