/** The parts of a document that stand in several places: agents, retries, timeouts, handlers. */
import { ERROR_KINDS } from "../../errors.ts";
import type { JsonObject } from "../../std/json.ts";
import { isRecord } from "../check.ts";
import {
  choiceOf,
  type Names,
  PRIORITY_ALIASES,
  priorityOf,
  RETRY,
  retryOf,
  selectorOf,
  TIMEOUT,
  timeoutOf,
} from "../options.ts";
import { show } from "../problems.ts";
import {
  described,
  duration,
  flag,
  kept,
  listOf,
  mapOf,
  type Member,
  type Members,
  name,
  readMembers,
  type Rule,
  schemaOf,
  text,
  whole,
} from "./rules.ts";

export const uses = (description: string): Rule =>
  text(description, {
    pattern: "^\\.{0,2}/[^#?]*\\.(mjs|js|ts|mts)#[A-Za-z_$][\\w$]*$",
    examples: ["./steps.mjs#fetch"],
  });

export const label = (description: string): Rule => text(description, { minLength: 1, maxLength: 128 });

export const prose = text("For people: what it is for.", { minLength: 1, maxLength: 10_000 });

const priorityNames = ["critical", "urgent", "high", "normal", "medium", "low"];

export const priority: Rule = {
  schema: {
    enum: priorityNames,
    default: "normal",
    description: `Which goes first where not all can. ${Object.entries(PRIORITY_ALIASES)
      .map(([alias, meant]) => `${alias} is ${meant}`)
      .join(", ")}.`,
  },
  read: (value) => priorityOf(value),
};

/** Written once, and meant in many places. */
function shared(name: string, rule: Rule): { readonly rule: Rule; readonly definition: JsonObject } {
  return { rule: { ...rule, schema: { $ref: `#/$defs/${name}` } }, definition: { [name]: rule.schema } };
}

/** The members of an options bag with its aliases; a description each. */
function bag(names: Names, rules: Readonly<Record<string, Rule>>): Readonly<Record<string, JsonObject>> {
  const told = Object.entries(names).map(([alias, { name: canonical, duration: isDuration }]) => {
    const rule = rules[canonical] ?? kept({});
    if (alias === canonical) return [alias, rule.schema] as const;
    const description = String(rule.schema["description"]);
    return [
      alias,
      isDuration ? duration(description).schema : { ...rule.schema, description: `${canonical}: ${description}` },
    ] as const;
  });
  return Object.fromEntries(told);
}

const retryRules = {
  maximumAttempts: whole("Executions in all, the first included. Default 3.", 1),
  initialIntervalMs: kept({ type: "number", minimum: 0, description: "Ceiling of the first wait. Default 1 s." }),
  backoffCoefficient: kept({
    type: "number",
    minimum: 1,
    description: "What each ceiling is multiplied by for the next. Default 2.",
  }),
  maximumIntervalMs: kept({ type: "number", minimum: 0, description: "No wait is longer. Default 60 s." }),
  retryOn: kept({
    type: "array",
    items: { enum: ERROR_KINDS.filter((kind) => kind !== "critical_error" && kind !== "cancelled") },
    uniqueItems: true,
    description:
      "The kinds of errors that are tried again. Default: timeout, connection_error, rate_limit, agent_error.",
  }),
};

const someRetry = shared("retry", {
  schema: {
    type: "object",
    properties: bag(RETRY, retryRules),
    additionalProperties: false,
    description: "What happens after an attempt that failed. What is not given is the default.",
  },
  read: retryOf,
});

export const retry = described(someRetry.rule, "What happens after an attempt that failed.");

const timeoutRules = {
  scheduleToStartMs: duration("Waiting for an agent. Default 1 h."),
  startToCloseMs: duration("One attempt. Default 5 min."),
  totalMs: duration("All attempts and the waits between them. Default 24 h."),
};

export const timeout: Rule = {
  schema: {
    anyOf: [
      duration("One attempt.").schema,
      { type: "object", properties: bag(TIMEOUT, timeoutRules), additionalProperties: false },
    ],
    description: "A duration alone is that of one attempt.",
  },
  read: timeoutOf,
};

const range = text("A semver range: ^1.2, >=1 <3.");
const byId: Members = { id: { rule: name("The id of an agent.") }, version: { rule: range } };
const byCapability: Members = {
  capability: { rule: label("What it must be able to do.") },
  capabilities: { rule: listOf(label("A capability."), "All that it must be able to do.") },
  any: { rule: flag("One of the capabilities is enough.") },
  version: { rule: range },
  tags: { rule: listOf(label("A tag."), "Tags it must have.") },
};

const anAgent = shared("agent", {
  schema: {
    anyOf: [
      { type: "string", description: "The id of an agent." },
      schemaOf(byId, "An agent by its id.", { required: ["id"] }),
      schemaOf(byCapability, "Any agent that can do it.", {
        anyOf: [{ required: ["capability"] }, { required: ["capabilities"] }],
      }),
    ],
    description: "Who does the work: the id of an agent, or what it must be able to do.",
  },
  read: (value, at, problems) => selectorOf(value, at, problems, () => {}),
});

export const selector = anAgent.rule;

const choices = ["retry", "skip", "fail"];
const aChoice = shared("choice", {
  schema: {
    anyOf: [
      { enum: choices },
      {
        type: "object",
        properties: { fallback: { ...selector.schema, description: "Another agent, with the same input." } },
        required: ["fallback"],
        additionalProperties: false,
      },
    ],
    description:
      "retry: one more round, at most 3. skip: go on without. fail. fallback: another agent, with the same input.",
  },
  read: (value, at, problems) => {
    if (isRecord(value) && Object.keys(value).length === 1 && "fallback" in value)
      return choiceOf(value, at, problems, () => {});
    if (typeof value === "string" && choices.includes(value)) return value;
    const meant = { name: typeof value === "string" ? value : "", among: choices };
    problems.add(at, `expected retry, skip, fail or { fallback: agent }, not ${show(value)}`, meant);
    return undefined;
  },
});

const handlerMembers: Members = Object.fromEntries(
  ERROR_KINDS.map((kind): [string, Member] => [
    kind,
    { rule: described(aChoice.rule, `After an error of kind ${kind}.`) },
  ]),
);

const someHandlers = shared("handlers", {
  schema: schemaOf(
    handlerMembers,
    "By kind of error, asked when retries are used up, or at once for a kind that is not retried.",
  ),
  read: (value, at, problems) => readMembers(handlerMembers, value, at, problems),
});

export const handlers = described(someHandlers.rule, "What happens when retries are used up, by kind of error.");

const processMembers: Members = {
  command: {
    rule: described(
      listOf(text("An argument."), ""),
      "[program, ...arguments]; no shell. ./program begins at the folder of the document, a bare name is looked for in PATH.",
    ),
  },
  env: {
    rule: mapOf(text("Its value; secret://NAME is put in when it starts."), "NAME: text", "Added to its environment."),
  },
  cwd: { rule: text("Where it runs, from the folder of the document. Default: that folder.") },
  signalGrace: {
    rule: duration("From SIGINT to SIGTERM, and from SIGTERM to SIGKILL. Default 2 s."),
    as: "signalGraceMs",
  },
};

const program: Rule = {
  schema: {
    anyOf: [
      processMembers["command"]?.rule.schema ?? {},
      schemaOf(processMembers, "With its surroundings.", { required: ["command"] }),
    ],
    description: "A program: the input comes as one JSON document on stdin, the result goes to stdout.",
  },
  read: (value, at, problems) =>
    Array.isArray(value) ? { command: value } : readMembers(processMembers, value, at, problems),
};

const agentMembers: Members = {
  id: { rule: name("What steps call it.") },
  name: { rule: label("For people.") },
  capabilities: { rule: listOf(label("A capability."), "What it can do.") },
  version: { rule: text("Semver. Default 0.0.0.", { examples: ["1.2.0"] }) },
  tags: { rule: listOf(label("A tag."), "Free labels.") },
  maxConcurrency: { rule: whole("Tasks at a time. Default 16.", 1) },
  uses: { rule: uses("A function of a module: (input, context) => result.") },
  process: { rule: program },
};

export const agent: Rule = {
  schema: schemaOf(agentMembers, "An agent of this workflow alone.", {
    required: ["id"],
    oneOf: [{ required: ["uses"] }, { required: ["process"] }],
  }),
  read: (value, at, problems) => {
    const read = readMembers(agentMembers, value, at, problems);
    return read && { capabilities: [], version: "0.0.0", ...read };
  },
};

export const SHARED: JsonObject = {
  ...anAgent.definition,
  ...someRetry.definition,
  ...aChoice.definition,
  ...someHandlers.definition,
};
