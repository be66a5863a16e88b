/** The workflows this process knows: checked once, hashed once, their code at hand. */
import { hash } from "node:crypto";
import type { CodeTables } from "../engine/code.ts";
import { TuttiError } from "../errors.ts";
import type { Agent } from "../agent/define.ts";
import type { WorkflowFile } from "../host/document.ts";
import { canonicalJson } from "../std/json.ts";
import type { Json } from "../std/json.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import type { Workflow } from "../workflow/types.ts";
import { refuse } from "../workflow/problems.ts";
import { validate } from "../workflow/validate.ts";

export interface Known {
  readonly definition: WorkflowDefinition;
  readonly hash: string;
  /** Of a document: what its paths are relative to. */
  readonly folder?: string;
}

/** Every form in which a workflow may be given. */
export type AnyWorkflow = Workflow | WorkflowFile | WorkflowDefinition;

/** What a definition is known by: equal for equal ones, whatever the order they were written in. */
export function hashOf(definition: WorkflowDefinition): string {
  return hash("sha256", canonicalJson(definition as unknown as Json));
}

export class Workflows {
  private readonly code: CodeTables;
  private readonly added: (agents: readonly Agent[]) => void;
  private readonly byId = new Map<string, Known>();
  /** `id@version` → hash: code is found by this name, so it may mean one thing only. */
  private readonly byName = new Map<string, string>();
  private readonly checked = new WeakMap<object, Known>();

  /** `added` hears of every new workflow and the agents it brings. */
  constructor(code: CodeTables, added: (agents: readonly Agent[]) => void) {
    this.code = code;
    this.added = added;
  }

  register(workflow: AnyWorkflow): Known {
    const before = this.checked.get(workflow);
    if (before) return before;
    const given = "definition" in workflow ? workflow.definition : workflow;
    const { problems, definition } = validate(given);
    if (!definition) return refuse(given.id, problems);
    const folder = "folder" in workflow ? { folder: workflow.folder } : {};
    const known = { definition, hash: hashOf(definition), ...folder };
    if (this.code.namesCode(definition)) this.assertOne(known);
    this.checked.set(workflow, known);
    this.byId.set(definition.id, known);
    if ("code" in workflow)
      this.code.register(definition, new Map<string, unknown>([...workflow.code, ...workflow.schemas]));
    this.added("code" in workflow ? workflow.agents : []);
    return known;
  }

  private assertOne({ definition, hash: own }: Known): void {
    const name = `${definition.id}@${definition.version}`;
    const other = this.byName.get(name);
    if (other !== undefined && other !== own) throw new TuttiError("WORKFLOW_CONFLICT", { workflow: name });
    this.byName.set(name, own);
  }

  resolve(workflow: AnyWorkflow | string): Known {
    if (typeof workflow !== "string") return this.register(workflow);
    const known = this.byId.get(workflow);
    if (!known) throw new TuttiError("WORKFLOW_UNKNOWN", { workflow });
    return known;
  }
}
