/**
 * The grammar's words: a rule says what may be written (as JSON Schema, for editors) and reads it into the canonical
 * form. What a value must be beyond its shape (ranges, names that exist) is asked once, by `validate`.
 */
import type { Json, JsonObject } from "../../std/json.ts";
import { memberPath } from "../../std/json.ts";
import { isRecord } from "../check.ts";
import { durationOf } from "../options.ts";
import { type Problems, show } from "../problems.ts";

export interface Rule {
  readonly schema: JsonObject;
  /** The canonical value; `undefined` where there is none, or a problem was told. */
  readonly read: (value: unknown, at: string, problems: Problems) => unknown;
}

export interface Member {
  readonly rule: Rule;
  /** In the canonical form. Default: the same. */
  readonly as?: string;
  /** Left out when it is this. */
  readonly usual?: Json;
}

export type Members = Readonly<Record<string, Member>>;

/** A value that is kept as it is. */
export function kept(schema: JsonObject): Rule {
  return { schema, read: (value) => value };
}

export function described(rule: Rule, description: string): Rule {
  return { ...rule, schema: { ...rule.schema, description } };
}

export function text(description: string, more: JsonObject = {}): Rule {
  const schema = { type: "string", description, ...more };
  return {
    schema,
    read: (value, at, problems) => {
      if (typeof value !== "number" && typeof value !== "boolean") return value;
      problems.add(at, `expected a text, in quotes: ${JSON.stringify(String(value))}`);
      return undefined;
    },
  };
}

export function whole(description: string, least: number): Rule {
  return kept({ type: "integer", minimum: least, description });
}

export function oneOf(description: string, values: readonly string[]): Rule {
  return kept({ enum: [...values], description });
}

export function flag(description: string): Rule {
  return kept({ type: "boolean", description });
}

const DURATION = "^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$";

/** `5m`, `1h30m`, `500ms`, or milliseconds as a number. */
export function duration(description: string): Rule {
  return {
    schema: { type: ["string", "number"], pattern: DURATION, minimum: 0, description },
    read: durationOf,
  };
}

export function listOf(rule: Rule, description: string): Rule {
  return {
    schema: { type: "array", items: rule.schema, description },
    read: (value, at, problems) => {
      if (Array.isArray(value)) return value.map((item, index) => rule.read(item, `${at}[${index}]`, problems));
      problems.add(at, `expected a list, not ${show(value)}`);
      return undefined;
    },
  };
}

/** Any names, each with a value of the same kind. */
export function mapOf(rule: Rule, what: string, description: string): Rule {
  return {
    schema: { type: "object", additionalProperties: rule.schema, propertyNames: NAME, description },
    read: (value, at, problems) => {
      if (!isRecord(value)) {
        problems.add(at, `expected { ${what} }, not ${show(value)}`);
        return undefined;
      }
      const read = Object.entries(value).map(
        ([key, item]) => [key, rule.read(item, memberPath(at, key), problems)] as const,
      );
      return Object.fromEntries(read.filter(([, item]) => item !== undefined));
    },
  };
}

const NAME = { pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$" };

export function name(description: string): Rule {
  return text(description, NAME);
}

/** An object with these members and no others, as canonical members; `undefined` when it is no object. */
export function readMembers(
  members: Members,
  value: unknown,
  at: string,
  problems: Problems,
): Record<string, unknown> | undefined {
  if (!isRecord(value)) {
    problems.add(at, `expected { ${Object.keys(members).slice(0, 6).join(", ")}, … }, not ${show(value)}`);
    return undefined;
  }
  const known = Object.keys(members);
  const canonical: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const member = Object.hasOwn(members, key) ? members[key] : undefined;
    const path = memberPath(at, key);
    if (!member) problems.add(path, "no such key", { name: key, among: known });
    else if (item === null) problems.add(path, "expected a value, and there is none");
    else {
      const read = member.rule.read(item, path, problems);
      if (read !== undefined && read !== member.usual) canonical[member.as ?? key] = read;
    }
  }
  return canonical;
}

export function schemaOf(members: Members, description: string, more: JsonObject = {}): JsonObject {
  const properties = Object.entries(members).map(([key, { rule }]) => [key, rule.schema] as const);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    additionalProperties: false,
    description,
    ...more,
  };
}
