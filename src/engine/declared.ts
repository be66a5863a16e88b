/** Agents that documents bring along. Two documents of one folder that declare the same agent mean the same one. */
import { isAbsolute, resolve } from "node:path";
import type { Agent } from "../agent/define.ts";
import { agent } from "../agent/define.ts";
import { canonicalJson } from "../std/json.ts";
import type { Json } from "../std/json.ts";
import type { Seat } from "../task/order.ts";
import type { AgentDeclaration, WorkflowDefinition } from "../workflow/definition.ts";
import type { CodeTables } from "./code.ts";

/** The agents a run has for itself; `key` is the same for the same ones. */
export interface OwnAgents {
  readonly key: string;
  readonly seats: readonly Seat[];
}

export class Declared {
  private readonly code: CodeTables;
  private readonly take: (agent: Agent) => Seat;
  private readonly seats = new Map<string, { readonly name: string; readonly seat: Seat }>();

  /** `take` gives a new agent its place among the others. */
  constructor(code: CodeTables, take: (agent: Agent) => Seat) {
    this.code = code;
    this.take = take;
  }

  of(definition: WorkflowDefinition, folder: string | undefined): OwnAgents | undefined {
    const { agents = [] } = definition;
    if (agents.length === 0) return undefined;
    const own = agents.map((declared) => this.seatOf(definition, folder, declared));
    return { key: own.map(({ name }) => name).join(" "), seats: own.map(({ seat }) => seat) };
  }

  private seatOf(definition: WorkflowDefinition, folder: string | undefined, declared: AgentDeclaration) {
    const id = canonicalJson([folder ?? "", declared as unknown as Json]);
    let known = this.seats.get(id);
    if (!known) {
      known = { name: String(this.seats.size), seat: this.take(this.agentOf(definition, folder, declared)) };
      this.seats.set(id, known);
    }
    return known;
  }

  private agentOf(definition: WorkflowDefinition, folder: string | undefined, declared: AgentDeclaration): Agent {
    const { uses, process, ...card } = declared;
    if (uses !== undefined) {
      // Looked up at each call: a module that has changed is loaded anew.
      const run: unknown = (input: unknown, context: unknown) =>
        (this.code.find(definition, folder, { uses }) as (...args: unknown[]) => unknown)(input, context);
      return agent({ ...card, run: run as () => unknown });
    }
    const { command = [], cwd, env, signalGraceMs } = process ?? {};
    return agent({
      ...card,
      process: {
        command: [programOf(command[0] ?? "", folder), ...command.slice(1)],
        ...(folder !== undefined && { cwd: resolve(folder, cwd ?? ".") }),
        ...(folder === undefined && cwd !== undefined && { cwd }),
        ...(env && { env }),
        ...(signalGraceMs !== undefined && { signalGrace: signalGraceMs }),
      },
    });
  }
}

/** A bare name is looked up in PATH, a path is relative to the document. */
function programOf(name: string, folder: string | undefined): string {
  return folder !== undefined && name.includes("/") && !isAbsolute(name) ? resolve(folder, name) : name;
}
