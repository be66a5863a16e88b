/** A workflow as a text: read, checked, and made into the canonical form. Nothing is loaded or run. */
import type { Json } from "../../std/json.ts";
import { isRecord } from "../check.ts";
import { isCode, type WorkflowDefinition } from "../definition.ts";
import { isRest, type Problem, Problems } from "../problems.ts";
import { validate } from "../validate.ts";
import { readWorkflow } from "./grammar.ts";
import { readJson } from "./json.ts";
import { nearest, positionsIn, segmentsOf } from "./place.ts";
import { failed, type Source } from "./source.ts";
import { writtenPath } from "./written.ts";

export interface DocumentProblem extends Problem {
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
}

export interface ReadDocument {
  readonly problems: readonly DocumentProblem[];
  /** Absent when there are problems. */
  readonly definition?: WorkflowDefinition;
}

export type DocumentFormat = "yaml" | "json";

/** In bytes; the parser of YAML needs a hundred times the memory and time of that of JSON. */
const LONGEST: Readonly<Record<DocumentFormat, number>> = { yaml: 4 * 1024 * 1024, json: 64 * 1024 * 1024 };
const MOST_STEPS_IN_YAML = 20_000;

export async function readDocument(
  text: string,
  { format }: { readonly format: DocumentFormat },
): Promise<ReadDocument> {
  const large = tooLong(format, text.length);
  if (large !== undefined) return { problems: [{ path: "$", message: large }] };
  const source = text.trim() === "" ? failed([]) : await sourceOf(text, format);
  if (source.problems.length > 0) {
    const position = positionsIn(text);
    return { problems: source.problems.map(({ offset, message }) => ({ path: "$", message, ...position(offset) })) };
  }
  if (source.value === undefined)
    return { problems: [{ path: "$", message: "the file is empty: expected a workflow", line: 1, column: 1 }] };
  const { problems, definition } = isStored(source.value) ? stored(source.value) : written(source.value, format);
  return definition ? { problems: [], definition } : { problems: placed(problems, text, source) };
}

async function sourceOf(text: string, format: DocumentFormat): Promise<Source> {
  return format === "json" ? readJson(text) : (await import("./yaml.ts")).readYaml(text);
}

/** Why a text of so many bytes is not even looked at; `undefined` when it is. */
export function tooLong(format: DocumentFormat, bytes: number): string | undefined {
  if (bytes <= LONGEST[format]) return undefined;
  const mb = (size: number): string => `${Math.round((size / 1024 / 1024) * 10) / 10} MB`;
  const found = `expected at most ${mb(LONGEST[format])} of ${format.toUpperCase()}, not ${mb(bytes)}`;
  return format === "yaml" ? `${found}: write it as JSON, which may have ${mb(LONGEST.json)}` : found;
}

interface Checked {
  readonly problems: readonly Problem[];
  readonly definition?: WorkflowDefinition;
}

function written(document: unknown, format: DocumentFormat): Checked {
  const problems = new Problems();
  const canonical = readWorkflow(document, problems);
  if (canonical === undefined) return { problems: problems.list() };
  const own = problems.list();
  const steps = format === "yaml" ? countSteps(canonical) : 0;
  if (steps > MOST_STEPS_IN_YAML) {
    const message = `expected at most ${MOST_STEPS_IN_YAML} steps in YAML, not ${steps}: write it as JSON, which may have more`;
    return { problems: [...own, { path: "$.steps", message }] };
  }
  const { problems: found, definition } = validate(canonical);
  if (definition && own.length === 0) return { problems: [], definition };
  const others = found.map((problem) => ({ ...problem, path: writtenPath(problem.path, document) }));
  // A `type` may be told as the label that it is, and as the capability that it stands for.
  const told = new Map(others.map((problem) => [`${problem.path} ${problem.message}`, problem]));
  return { problems: [...own, ...[...told.values()].filter(({ path }) => !isTold(path, own, document))] };
}

/** What could not be read is missing in the canonical form, and would be told twice. */
function isTold(path: string, own: readonly Problem[], document: unknown): boolean {
  const missing = !exists(document, path);
  return own.some((before) => before.path === path || (missing && path.startsWith(before.path)));
}

function exists(document: unknown, path: string): boolean {
  let value = document;
  for (const segment of segmentsOf(path)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return false;
    value = (value as Record<string, unknown>)[segment];
  }
  return true;
}

function countSteps(fragment: unknown): number {
  const steps = isRecord(fragment) && isRecord(fragment["steps"]) ? Object.values(fragment["steps"]) : [];
  let count = steps.length;
  for (const step of steps)
    if (isRecord(step) && isRecord(step["branches"]))
      for (const branch of Object.values(step["branches"])) count += countSteps(branch);
  return count;
}

/** The canonical form itself, as it is stored: its steps say of which kind they are. */
function isStored(value: unknown): value is Readonly<Record<string, unknown>> {
  const steps = isRecord(value) && isRecord(value["steps"]) ? Object.values(value["steps"]) : [];
  return steps.some((step) => isRecord(step) && (step["kind"] === "task" || step["kind"] === "choose"));
}

function stored(value: Readonly<Record<string, unknown>>): Checked {
  const code = firstCode(value as Json);
  if (code === undefined) return validate(value);
  const message = `this is the stored form of a workflow that was built in TypeScript, and its functions (${code}) are not in it: run it from the program that defines it`;
  return { problems: [{ path: "$", message }] };
}

function firstCode(value: Json): string | undefined {
  if (isCode(value)) return value.code;
  if (typeof value !== "object" || value === null) return undefined;
  for (const item of Object.values(value) as Json[]) {
    const code = firstCode(item);
    if (code !== undefined) return code;
  }
  return undefined;
}

/** In the order of the text; last, how many more there are. */
function placed(problems: readonly Problem[], text: string, source: Source): readonly DocumentProblem[] {
  const { place } = source;
  if (!place) return problems;
  const position = positionsIn(text);
  const found = problems.map((problem) => ({
    problem,
    offset: isRest(problem) ? text.length : nearest(place, segmentsOf(problem.path)).start,
  }));
  found.sort((a, b) => a.offset - b.offset);
  return found.map(({ problem, offset }) => (isRest(problem) ? problem : { ...problem, ...position(offset) }));
}
