/** A step as it is written: work (`uses`, `agent`, or only a `type`), or a choice between branches. */
import type { JsonObject } from "../../std/json.ts";
import { memberPath } from "../../std/json.ts";
import { isRecord } from "../check.ts";
import { isCode } from "../definition.ts";
import { type Problems, show } from "../problems.ts";
import { handlers, label, priority, prose, retry, selector, SHARED, timeout, uses } from "./parts.ts";
import { described, kept, mapOf, type Members, oneOf, readMembers, type Rule, schemaOf, text } from "./rules.ts";

const EXPRESSION = "CEL, over input, needs, vars and run.";

const expression = (description: string): Rule => {
  const { schema } = text(description);
  return {
    schema,
    read: (value, at, problems) => {
      if (typeof value === "string") return value;
      problems.add(at, `expected an expression, in quotes, not ${show(value)}`);
      return undefined;
    },
  };
};

const needs: Rule = {
  schema: {
    anyOf: [
      { type: "array", items: { type: "string" }, uniqueItems: true },
      { type: "object", additionalProperties: { type: "string" } },
    ],
    description: "The steps it waits for: a list of ids, or { name: id } to call their outputs otherwise.",
  },
  read: (value, at, problems) => {
    if (!Array.isArray(value)) return isRecord(value) && Object.keys(value).length === 0 ? undefined : value;
    const ids = new Map<string, string>();
    for (const [index, id] of (value as readonly unknown[]).entries()) {
      const path = `${at}[${index}]`;
      if (typeof id !== "string") problems.add(path, `expected the id of a step, not ${show(id)}`);
      else if (ids.has(id)) problems.add(path, `step ${id} is needed twice`);
      else ids.set(id, id);
    }
    return ids.size === 0 ? undefined : Object.fromEntries(ids);
  },
};

const join: Rule = {
  ...kept({
    anyOf: [
      { enum: ["all", "settled", "any"] },
      {
        type: "object",
        properties: { quorum: { type: "integer", minimum: 1 } },
        required: ["quorum"],
        additionalProperties: false,
      },
    ],
    default: "all",
    description:
      "When its needs are met: all completed, all ended in whatever way (settled), any, or a number of them.",
  }),
};

const input: Rule = {
  ...kept({ description: "What the agent gets: JSON whose texts may hold ${expressions}. Default: { input, needs }." }),
  read: (value, at, problems) => {
    if (!isCode(value)) return value;
    problems.add(at, "an input cannot be { code } alone, which names a function in stored definitions: add a member");
    return undefined;
  },
};

/** Nested, so by reference. */
export const STEPS_SCHEMA: JsonObject = { $ref: "#/$defs/steps" };

const branches: Rule = {
  schema: {
    type: "object",
    additionalProperties: STEPS_SCHEMA,
    minProperties: 1,
    description: "Name → its steps, which see the needs given here. The output is { branch, output }.",
  },
  read: (value, at, problems) => {
    if (!isRecord(value)) return value;
    const read = Object.entries(value).map(([branch, inner]) => {
      const path = memberPath(at, branch);
      return [branch, { steps: readSteps(inner, path, problems) ?? {} }] as const;
    });
    return Object.fromEntries(read);
  },
};

const members: Members = {
  uses: { rule: uses("A function of a module: (input, context) => result."), as: "run" },
  agent: { rule: described(selector, "Who does the work: the id of an agent, or what it must be able to do.") },
  choose: { rule: expression(`The name of the branch that runs. ${EXPRESSION}`), as: "by" },
  branches: { rule: branches },
  input: { rule: input },
  needs: { rule: needs },
  when: { rule: expression(`Whether it runs at all, asked when its needs are met. ${EXPRESSION}`) },
  join: { rule: join, usual: "all" },
  rest: { rule: oneOf("With any or a quorum: stop the needs that are still going.", ["cancel"]) },
  priority: { rule: priority },
  estimateMs: {
    rule: kept({
      type: "number",
      minimum: 0,
      description: "How long it takes, as far as known, in ms: for the order of work.",
    }),
  },
  retry: { rule: retry },
  timeout: { rule: timeout },
  onError: { rule: handlers },
  undo: { rule: uses("What reverses its effects when the run fails or is cancelled.") },
  type: { rule: label("A label; without uses and agent also the capability it is routed by.") },
  description: { rule: prose },
  phase: { rule: label("The part of the workflow it belongs to, for people.") },
};

const step: Rule = {
  schema: schemaOf(members, "One step: work, or a choice between branches.", {
    anyOf: [
      { required: ["uses"] },
      { required: ["agent"] },
      { required: ["type"] },
      { required: ["choose", "branches"] },
    ],
    dependentSchemas: {
      uses: { not: { required: ["agent"] } },
      choose: {
        required: ["branches"],
        not: { anyOf: [{ required: ["uses"] }, { required: ["agent"] }, { required: ["input"] }] },
      },
      branches: { required: ["choose"] },
    },
  }),
  read: (value, at, problems) => {
    const read = readMembers(members, value, at, problems);
    if (!read || !isRecord(value)) return STAND_IN;
    const { run, undo, agent, ...rest } = read;
    const common = { ...rest, ...(typeof undo === "string" ? { undo: { uses: undo } } : {}) };
    if ("choose" in value || "branches" in value) return choice(value, common, at, problems);
    const { type } = rest;
    if (value["uses"] !== undefined && value["agent"] !== undefined)
      problems.add(at, "give either uses or agent, not both");
    else if (typeof run === "string") return { kind: "task", ...common, run: { uses: run } };
    else if (agent !== undefined) return { kind: "task", ...common, agent };
    else if (value["uses"] === undefined && value["agent"] === undefined) {
      if (typeof type === "string") return { kind: "task", ...common, agent: { capabilities: [type] } };
      if (type === undefined)
        problems.add(at, "expected uses, agent or choose (or a type, which is then the capability it needs)");
    }
    return { ...STAND_IN, ...common };
  },
};

/** In place of a step that is wrong, so that what is around it and the rest of it are looked at all the same. */
const STAND_IN = { kind: "task", agent: { id: "unknown" } };

function choice(value: object, common: object, at: string, problems: Problems): unknown {
  for (const key of ["uses", "agent", "input"])
    if (key in value) problems.add(memberPath(at, key), `a choice does no work of its own: it has no ${key}`);
  if (!("choose" in value)) problems.add(at, "expected choose, the expression that names the branch");
  if (!("branches" in value)) problems.add(at, "expected branches, { name: { steps } }");
  return { kind: "choose", ...common };
}

const steps = mapOf(step, "id: step", "The steps by id; their order has no meaning.");

export function readSteps(value: unknown, at: string, problems: Problems): unknown {
  return steps.read(value, at, problems);
}

export const DEFINITIONS: JsonObject = { ...SHARED, steps: steps.schema };
