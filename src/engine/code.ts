/** The code tables of this process: what the names in definitions stand for (DESIGN 3.2). */
import type { WorkflowDefinition } from "../workflow/definition.ts";
import { isCode } from "../workflow/definition.ts";

/** A function of the builder, or a schema. */
export type CodeEntry = unknown;

export class CodeTables {
  private readonly tables = new Map<string, ReadonlyMap<string, CodeEntry>>();
  private readonly needed = new WeakMap<WorkflowDefinition, readonly string[]>();

  register(definition: WorkflowDefinition, code: ReadonlyMap<string, CodeEntry>): void {
    this.tables.set(key(definition), code);
  }

  find(definition: WorkflowDefinition, name: string): CodeEntry {
    return this.tables.get(key(definition))?.get(name);
  }

  /** The names a definition needs and this process has not: such a run is stranded, never failed. */
  missing(definition: WorkflowDefinition): readonly string[] {
    let names = this.needed.get(definition);
    if (!names) this.needed.set(definition, (names = namesIn(definition)));
    const table = this.tables.get(key(definition));
    return names.filter((name) => !table?.has(name));
  }
}

function key(definition: WorkflowDefinition): string {
  return `${definition.id}@${definition.version}`;
}

/** Every `{ code }` in a definition. Iterative over steps; a definition's other nesting is shallow. */
function namesIn(definition: WorkflowDefinition): readonly string[] {
  const names = new Set<string>();
  const open: unknown[] = [definition];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (isCode(value)) names.add(value.code);
    else if (typeof value === "object" && value !== null) {
      for (const item of Object.values(value)) if (typeof item === "object" && item !== null) open.push(item);
    }
  }
  return [...names];
}
