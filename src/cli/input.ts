/** `--input`: `key=value`, `@file.json`, `-` for stdin, or an object as JSON; several are put together in order. */
import { resolve } from "node:path";
import { TuttiError } from "../errors.ts";
import type { Terminal } from "../host/terminal.ts";
import { readText, textOf } from "../host/text.ts";
import type { Json, JsonObject } from "../std/json.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import { isCode } from "../workflow/definition.ts";
import { UsageError } from "./usage.ts";

const MOST_BYTES = 64 * 1024 * 1024;
const NEVER_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** The input of a run. Without any `--input` it is what a workflow that wants an object can check: an empty one. */
export async function readInput(
  given: readonly string[],
  definition: WorkflowDefinition,
  terminal: Pick<Terminal, "stdin" | "cwd">,
): Promise<Json> {
  if (given.length === 0) return wantsObject(definition) ? {} : null;
  let input: Json | undefined;
  for (const text of given) {
    const whole = await readWhole(text, definition, terminal);
    if (whole !== undefined) {
      if (input !== undefined && !(isObject(input) && isObject(whole)))
        throw new UsageError(
          `--input ${text} would replace what an earlier --input gave. Only objects are put together.`,
        );
      input = isObject(input) && isObject(whole) ? { ...input, ...whole } : whole;
      continue;
    }
    input ??= {};
    if (!isObject(input)) throw new UsageError(`--input ${text} names a key, but the input so far is not an object.`);
    assign(input, text);
  }
  return input ?? null;
}

function wantsObject({ input }: WorkflowDefinition): boolean {
  return input !== undefined && !isCode(input) && input["type"] === "object";
}

/** `undefined`: it is `key=value`. */
async function readWhole(
  text: string,
  { id }: WorkflowDefinition,
  { stdin, cwd }: Pick<Terminal, "stdin" | "cwd">,
): Promise<Json | undefined> {
  if (text === "-") {
    const read = await stdin.read(MOST_BYTES);
    if (read === undefined) throw invalid(id, `stdin: it has more than ${MOST_BYTES} bytes`);
    const words = textOf(read);
    if (words === undefined) throw invalid(id, "stdin: it is not UTF-8");
    return parsed(words, "stdin", id);
  }
  if (text.startsWith("@")) {
    const file = resolve(cwd, text.slice(1));
    return parsed(readText(file, MOST_BYTES), file, id);
  }
  return text.startsWith("{") ? parsed(text, "--input", id) : undefined;
}

function parsed(text: string, where: string, workflow: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    const problem = text.trim() === "" ? "it is empty" : thrown instanceof Error ? thrown.message : String(thrown);
    throw invalid(workflow, `${where}: expected one JSON document: ${problem}`);
  }
}

function invalid(workflow: string, problem: string): TuttiError {
  return new TuttiError("INPUT_INVALID", { workflow, problems: `  ${problem}` });
}

/** `a.b=1`: dots make objects. */
function assign(input: JsonObject, text: string): void {
  const equals = text.indexOf("=");
  const path = text.slice(0, equals).split(".");
  if (equals < 1 || path.includes(""))
    throw new UsageError(`--input ${text} is not key=value, @file.json, - (stdin) or a JSON object.`);
  let at = input as Record<string, Json>;
  for (const [place, key] of path.entries()) {
    if (NEVER_KEYS.has(key)) throw new UsageError(`--input ${text}: a key cannot be ${key}.`);
    if (place === path.length - 1) {
      at[key] = valueOf(text.slice(equals + 1));
      return;
    }
    const next = Object.hasOwn(at, key) ? at[key] : (at[key] = {});
    if (!isObject(next)) throw new UsageError(`--input ${text}: ${key} already has a value that is not an object.`);
    at = next as Record<string, Json>;
  }
}

/** JSON if it is JSON, else text. A whole number that would lose digits stays text. */
function valueOf(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER ? text : value;
  } catch {
    return text;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
