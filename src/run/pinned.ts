import type { WorkflowDefinition } from "../workflow/definition.ts";
import { buildGraph } from "../workflow/graph.ts";
import type { Graph } from "../workflow/graph.ts";

/** A definition as its runs keep it: the data they were started with, and its numbered graph. Shared by hash. */
export interface Pinned {
  readonly definition: WorkflowDefinition;
  readonly graph: Graph;
}

export function pin(definition: WorkflowDefinition): Pinned {
  return { definition, graph: buildGraph(definition) };
}
