/** What is gathered while a workflow is being built: problems, and everything the data will only name. */
import type { Agent } from "../agent/define.ts";
import { andThen } from "../std/eventually.ts";
import { memberPath } from "../std/json.ts";
import type { Code, ErrorHandlers, HandlerChoice, Role } from "./definition.ts";
import { choiceOf, isBag } from "./options.ts";
import { Problems, refuse, show } from "./problems.ts";
import { isSchema } from "./schema.ts";
import type { CodeFunction, Schema } from "./types.ts";

export class Build {
  readonly workflow: unknown;
  readonly problems = new Problems();
  readonly code = new Map<string, CodeFunction>();
  readonly schemas = new Map<string, Schema>();
  private readonly agentsById = new Map<string, Agent>();

  constructor(workflow: unknown) {
    this.workflow = workflow;
  }

  get agents(): readonly Agent[] {
    return [...this.agentsById.values()];
  }

  /** For `selectorOf` and `choiceOf`: remembers an agent that was given as a value. */
  readonly met = (agent: Agent): void => {
    const { id } = agent.card;
    if ((this.agentsById.get(id) ?? agent) !== agent) this.problems.add("$", `two different agents have the id ${id}`);
    this.agentsById.set(id, agent);
  };

  /** Puts a function into the code table; `owner` is the step's path in the definition, empty for the workflow. */
  capture(owner: string, role: Exclude<Role, "output">, fn: unknown, at: string): Code | undefined {
    if (typeof fn !== "function") {
      this.problems.add(at, `expected a function, not ${show(fn)}`);
      return undefined;
    }
    return this.name(`${owner}.${role}`, fn as CodeFunction);
  }

  captureSchema(owner: string, role: "input" | "output", schema: unknown, at: string): Code | undefined {
    if (!isSchema(schema)) {
      this.problems.add(at, `expected a schema (Standard Schema, such as zod's), not ${show(schema)}`);
      return undefined;
    }
    this.schemas.set(`${owner}.${role}`, schema);
    return { code: `${owner}.${role}` };
  }

  captureHandlers(owner: string, handlers: unknown, at: string): ErrorHandlers {
    const captured: Record<string, HandlerChoice | Code> = {};
    if (!isBag(handlers)) this.problems.add(at, `expected handlers by error kind, not ${show(handlers)}`);
    else
      for (const [kind, handler] of Object.entries(handlers)) {
        const path = memberPath(at, kind);
        const choice =
          typeof handler === "function"
            ? this.name(`${owner}.onError.${kind}`, canonicalHandler(handler as CodeFunction, this.workflow, path))
            : choiceOf(handler, path, this.problems, this.met);
        if (choice !== undefined) captured[kind] = choice;
      }
    return captured as ErrorHandlers;
  }

  private name(code: string, fn: CodeFunction): Code {
    this.code.set(code, fn);
    return { code };
  }
}

/** A handler may answer in every way that a literal may be written; the engine gets the canonical form. */
function canonicalHandler(handler: CodeFunction, workflow: unknown, path: string): CodeFunction {
  const canonical = (answer: unknown): HandlerChoice => {
    const problems = new Problems();
    const choice = choiceOf(answer, path, problems, () => {});
    return choice === undefined || problems.any ? refuse(workflow, problems.list()) : choice;
  };
  return (...args) => {
    return andThen<unknown, HandlerChoice>(handler(...args), canonical);
  };
}
