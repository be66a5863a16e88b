/** The code tables of this process: what the names in definitions stand for (DESIGN 3.2). */
import type { Fragment, WorkflowDefinition } from "../workflow/definition.ts";
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

/** Every `{ code }` where a definition may have one. Elsewhere `{ code: … }` is a need, an output or a value of that name. */
function namesIn(definition: WorkflowDefinition): readonly string[] {
  const names = new Set<string>();
  const take = (...values: readonly unknown[]): void => {
    for (const value of values) if (isCode(value)) names.add(value.code);
  };
  take(definition.input, ...Object.values(definition.onError ?? {}));
  const open: Fragment[] = [definition];
  for (let fragment = open.pop(); fragment !== undefined; fragment = open.pop()) {
    for (const step of Object.values(fragment.steps)) {
      take(step.when, step.undo, ...Object.values(step.onError ?? {}));
      if (step.kind === "task") take(step.run, step.input, step.output);
      else {
        take(step.by);
        open.push(...Object.values(step.branches));
      }
    }
  }
  return [...names];
}
