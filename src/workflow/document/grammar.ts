/** The document as a whole. The reader and `tutti.schema.json` are both made of this. */
import type { JsonObject } from "../../std/json.ts";
import type { Problems } from "../problems.ts";
import { agent, handlers, prose, retry } from "./parts.ts";
import {
  duration,
  flag,
  kept,
  listOf,
  type Members,
  name,
  oneOf,
  readMembers,
  schemaOf,
  text,
  whole,
} from "./rules.ts";
import { DEFINITIONS, readSteps, STEPS_SCHEMA } from "./step.ts";

const members: Members = {
  $schema: { rule: text("For editors: where this schema is.") },
  tutti: { rule: text("The version of this format.", { const: "1" }) },
  id: { rule: name("The workflow's name.") },
  version: {
    rule: text("A new version is a new workflow: runs keep the one they were started with.", {
      minLength: 1,
      maxLength: 128,
    }),
  },
  description: { rule: prose },
  input: { rule: kept({ type: "object", description: "What the run's input must be: a JSON Schema." }) },
  concurrency: { rule: whole("Running tasks of one run at a time. Default: no limit of its own.", 1) },
  onFailure: {
    rule: oneOf("partial: a run with failed steps completes with what it has. Default fail.", ["fail", "partial"]),
    usual: "fail",
  },
  failFast: { rule: flag("The first uncaught failure cancels the rest. Default false."), usual: false },
  timeout: { rule: duration("The whole run, wall clock. Default 30 days."), as: "timeoutMs" },
  retry: { rule: retry },
  onError: { rule: handlers },
  agents: { rule: listOf(agent, "Agents of this workflow alone. Others are found among those that are registered.") },
  steps: { rule: { schema: { ...STEPS_SCHEMA, minProperties: 1 }, read: readSteps } },
  output: {
    rule: kept({
      description:
        "The run's output: JSON whose texts may hold ${expressions} over steps, input, vars and run. Default: the outputs of the steps nothing needs, by id.",
    }),
  },
};

/** The canonical form of a document, not yet validated. */
export function readWorkflow(value: unknown, problems: Problems): unknown {
  const read = readMembers(members, value, "$", problems);
  if (!read) return undefined;
  const { $schema: _, agents, ...rest } = read;
  return Array.isArray(agents) && agents.length === 0
    ? rest
    : read["agents"] === undefined
      ? rest
      : { ...rest, agents };
}

/** `tutti.schema.json`. */
export function documentSchema(): JsonObject {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "tutti.schema.json",
    title: "A workflow of Tutti",
    ...schemaOf(members, "A workflow as a document: named steps, and what each needs.", {
      required: ["tutti", "id", "version", "steps"],
    }),
    $defs: DEFINITIONS,
  };
}
