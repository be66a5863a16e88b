/** The members of a canonical definition and what each must be, apart from what depends on other steps. */
import { isRange } from "../agent/match.ts";
import { ERROR_KINDS } from "../errors.ts";
import { memberPath } from "../std/json.ts";
import { type Check, elsewhere, flag, isRecord, listOf, name, object, oneOf, text, within, yes } from "./check.ts";
import { agents, uses } from "./declared.ts";
import { isCode, PRIORITIES, type Role } from "./definition.ts";
import { jsonSchema } from "./json-schema.ts";
import { show } from "./problems.ts";

const LONGEST_MS = 10 * 365 * 24 * 3_600_000;
const ms = within(1, LONGEST_MS);
const label = text(128);
const prose = text(10_000);

/** Kinds that no retry can be for: the one ends the run at once, the other was asked for. */
const NEVER_RETRIED = ["critical_error", "cancelled"];

function code(role: Role): Check {
  return (value, path, problems) => {
    if (!isCode(value) || !namesRole(value.code, role))
      problems.add(path, `expected a function by name, { "code": "<step path>.${role}" }, not ${show(value)}`);
  };
}

function namesRole(name: string, role: Role): boolean {
  return name.length <= 4_096 && (role === "onError" ? /\.onError\.[a-z_]+$/.test(name) : name.endsWith(`.${role}`));
}

const range: Check = (value, path, problems) => {
  if (!isRange(value)) problems.add(path, `expected a semver range such as ^1.2, not ${show(value)}`);
};

const byId = object({ id: name, version: range }, ["id"]);
const byCapability = object({ capabilities: listOf(label), any: yes, version: range, tags: listOf(label) }, [
  "capabilities",
]);
const selector: Check = (value, path, problems) =>
  (isRecord(value) && "id" in value ? byId : byCapability)(value, path, problems);

const handlerName = oneOf(["retry", "skip", "fail"]);
const fallback = object({ fallback: selector }, ["fallback"]);
const handlerCode = code("onError");
const handler: Check = (value, path, problems) => {
  if (!isRecord(value)) handlerName(value, path, problems);
  else ("code" in value ? handlerCode : fallback)(value, path, problems);
};
const handlers = object(Object.fromEntries(ERROR_KINDS.map((kind) => [kind, handler])));

const retriedKind: Check = (value, path, problems) => {
  if (typeof value === "string" && NEVER_RETRIED.includes(value)) problems.add(path, `${value} is never retried`);
  else oneOf(ERROR_KINDS)(value, path, problems);
};
const retryMembers = object({
  maximumAttempts: within(1, 100_000, "whole"),
  initialIntervalMs: within(0, LONGEST_MS),
  backoffCoefficient: within(1, 1_000),
  maximumIntervalMs: within(0, LONGEST_MS),
  retryOn: (value, path, problems) => {
    if (!Array.isArray(value) || value.length > 0) listOf(retriedKind)(value, path, problems);
  },
});
const retry: Check = (value, path, problems) => {
  retryMembers(value, path, problems);
  if (!isRecord(value)) return;
  const { initialIntervalMs: first, maximumIntervalMs: most } = value;
  if (typeof first === "number" && typeof most === "number" && first > most)
    problems.add(memberPath(path, "maximumIntervalMs"), `${most} is less than initialIntervalMs, ${first}`);
};

const timeoutMembers = object({ scheduleToStartMs: ms, startToCloseMs: ms, totalMs: ms });
const timeout: Check = (value, path, problems) => {
  timeoutMembers(value, path, problems);
  if (!isRecord(value)) return;
  const { startToCloseMs: attempt, totalMs: total } = value;
  if (typeof attempt === "number" && typeof total === "number" && attempt > total)
    problems.add(memberPath(path, "totalMs"), `${total} is less than one attempt, startToCloseMs ${attempt}`);
};

/** A text is an expression; what it may name depends on where it stands. */
function condition(role: "when" | "by"): Check {
  const check = code(role);
  return (value, path, problems) => {
    if (typeof value !== "string") check(value, path, problems);
  };
}

/** By name in the code table, or in a module. */
function codeOrUses(role: "run" | "undo"): Check {
  const check = code(role);
  return (value, path, problems) => (isRecord(value) && "uses" in value ? uses : check)(value, path, problems);
}

const STEP = {
  kind: elsewhere,
  needs: elsewhere,
  join: elsewhere,
  rest: elsewhere,
  when: condition("when"),
  priority: oneOf(PRIORITIES),
  estimateMs: within(0, LONGEST_MS),
  retry,
  timeout,
  onError: handlers,
  undo: codeOrUses("undo"),
  type: label,
  description: prose,
  phase: label,
} satisfies Record<string, Check>;

export const taskStep = object({
  ...STEP,
  run: codeOrUses("run"),
  agent: selector,
  input: elsewhere,
  output: code("output"),
});
export const chooseStep = object({ ...STEP, by: condition("by"), branches: elsewhere }, ["by", "branches"]);
export const inputCode = code("input");
export const branch = object({ steps: elsewhere, output: elsewhere });

const schema: Check = (value, path, problems) => (isCode(value) ? inputCode : jsonSchema)(value, path, problems);

export const workflow = object(
  {
    tutti: oneOf(["1"]),
    id: name,
    version: label,
    description: prose,
    input: schema,
    concurrency: within(1, 1_000_000, "whole"),
    onFailure: oneOf(["fail", "partial"]),
    failFast: flag,
    timeoutMs: ms,
    retry,
    onError: handlers,
    agents,
    steps: elsewhere,
    output: elsewhere,
  },
  ["tutti", "id", "version", "steps"],
);
