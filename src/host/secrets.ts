/**
 * Secrets by name. Definitions, journals and logs hold `secret://NAME`; the value is put in here, at dispatch, and
 * taken out of whatever comes back. Known by value: the text itself, its JSON form, and each long line of it.
 */
import { TuttiError, type Failure } from "../errors.ts";
import type { Json } from "../std/json.ts";

/** A record, or a function that knows more (a vault read at the start, say). */
export type SecretSource = Readonly<Record<string, string>> | ((name: string) => string | undefined);

export interface Secrets {
  /**
   * JSON text with every string that is exactly `secret://NAME` replaced by the value; the values are remembered.
   * Throws SECRET_UNKNOWN. Only for what an owner wrote: in data of an agent a reference would be a way to steal.
   */
  resolve(json: string): string;
  /** Plain text with every remembered value replaced by its name. */
  redact(text: string): string;
  /** The same within JSON text, which stays JSON. */
  redactJson(json: string): string;
  redactFailure(failure: Failure): Failure;
}

const REFERENCE = /(?<!\\)"secret:\/\/([\w./-]{1,128})"(?!\s*:)/g;
/** Shorter values would turn up everywhere. */
const SHORTEST = 4;
/** A line of a key file counts for itself: logs come by lines. */
const SHORTEST_LINE = 16;

/** Looks in `source`, then for the environment variable `TUTTI_SECRET_<NAME>`. */
export function createSecrets(source: SecretSource = {}): Secrets {
  /** Longest first, so that a value within another does not break it. */
  let known: { readonly value: string; readonly name: string }[] = [];

  const remember = (name: string, value: string): void => {
    const parts = [value, ...value.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE)];
    const forms = new Set(parts.flatMap((part) => [part, JSON.stringify(part).slice(1, -1)]));
    const fresh = [...forms].filter((form) => form.length >= SHORTEST && !known.some((entry) => entry.value === form));
    if (fresh.length === 0) return;
    known = [...known, ...fresh.map((form) => ({ value: form, name: `secret://${name}` }))];
    known.sort((a, b) => b.value.length - a.value.length);
  };
  const redact = (text: string): string => {
    let clean = text;
    for (const { value, name } of known) if (clean.includes(value)) clean = clean.replaceAll(value, () => name);
    return clean;
  };
  const holds = (text: string): boolean => known.some((entry) => text.includes(entry.value));
  const redactFailure = (failure: Failure): Failure => ({
    ...failure,
    message: redact(failure.message),
    ...(failure.stack === undefined ? {} : { stack: redact(failure.stack) }),
    ...(failure.cause === undefined ? {} : { cause: redactFailure(failure.cause) }),
    ...(failure.data === undefined ? {} : { data: mapStrings(failure.data, redact) }),
  });

  return {
    resolve(json) {
      if (!json.includes("secret://")) return json;
      return json.replace(REFERENCE, (_reference, name: string) => {
        const value = lookUp(source, name);
        if (value === undefined) throw new TuttiError("SECRET_UNKNOWN", { name });
        remember(name, value);
        return JSON.stringify(value);
      });
    },
    redact,
    redactJson: (json) => (holds(json) ? JSON.stringify(mapStrings(JSON.parse(json) as Json, redact)) : json),
    redactFailure: (failure) => (known.length === 0 ? failure : redactFailure(failure)),
  };
}

function lookUp(source: SecretSource, name: string): string | undefined {
  const own = typeof source === "function" ? source(name) : Object.hasOwn(source, name) ? source[name] : undefined;
  return own ?? process.env[`TUTTI_SECRET_${name}`];
}

/** Every string of a value through `fn`, keys too; a number whose digits are changed by it becomes that string. */
function mapStrings(value: Json, fn: (text: string) => string): Json {
  if (typeof value === "string") return fn(value);
  if (typeof value === "number") return fn(String(value)) === String(value) ? value : fn(String(value));
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, fn));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [fn(key), mapStrings(item, fn)]));
}
