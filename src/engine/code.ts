/** The code of this process: what the names in definitions stand for (DESIGN 3.2). */
import { TuttiError } from "../errors.ts";
import type { LoadModule } from "../host/modules.ts";
import { moduleLoader } from "../host/modules.ts";
import type { RunSource } from "../run/events.ts";
import type { Run } from "../run/state.ts";
import type { Code, Fragment, Uses, WorkflowDefinition } from "../workflow/definition.ts";
import { isCode, isUses } from "../workflow/definition.ts";

/** A function of the builder or of a module, or a schema. */
export type CodeEntry = unknown;

/** What a definition names: functions of the builder, and functions of modules. */
interface Names {
  readonly code: readonly string[];
  readonly uses: readonly string[];
}

type File = RunSource["modules"][string];

/** An export by its `uses`: the function, or why there is none. */
type Found = { readonly entry: CodeEntry } | { readonly problem: string };

export class CodeTables {
  private readonly tables = new Map<string, ReadonlyMap<string, CodeEntry>>();
  /** By the document's folder (empty: none), then by `uses`. */
  private readonly exports = new Map<string, Map<string, Found>>();
  private readonly files = new Map<string, Map<string, File>>();
  private readonly named = new WeakMap<WorkflowDefinition, Names>();
  private readonly loadModule: LoadModule;

  constructor(loadModule = moduleLoader()) {
    this.loadModule = loadModule;
  }

  register(definition: WorkflowDefinition, code: ReadonlyMap<string, CodeEntry>): void {
    this.tables.set(key(definition), code);
  }

  /** Of a run: its code is where its document was. */
  of(run: Run, name: Code | Uses): CodeEntry {
    return this.find(...sourceOf(run), name);
  }

  find(definition: WorkflowDefinition, folder: string | undefined, name: Code | Uses): CodeEntry {
    if (isCode(name)) return this.tables.get(key(definition))?.get(name.code);
    const found = this.exports.get(folder ?? "")?.get(name.uses);
    return found && "entry" in found ? found.entry : undefined;
  }

  /** What a definition needs and this process has not, in words: such a run is stranded, never failed. */
  missing(definition: WorkflowDefinition, folder: string | undefined): readonly string[] {
    const { code, uses } = this.names(definition);
    const table = code.length === 0 ? undefined : this.tables.get(key(definition));
    const exports = this.exports.get(folder ?? "");
    return [
      ...code.filter((name) => !table?.has(name)),
      ...uses.flatMap((name) => {
        const found = exports?.get(name);
        if (found && "entry" in found) return [];
        return [`${name}: ${found?.problem ?? "its module was not loaded"}`];
      }),
    ];
  }

  /** The modules of a definition as they were loaded last. */
  modules(definition: WorkflowDefinition, folder: string | undefined): RunSource["modules"] {
    const files = this.files.get(folder ?? "");
    if (!files) return {};
    const paths = byPath(this.names(definition).uses).keys();
    return Object.fromEntries([...paths].flatMap((path) => (files.has(path) ? [[path, files.get(path) as File]] : [])));
  }

  /** What a run of a document in this folder would have; `undefined` when something is missing there. */
  sourceIn(definition: WorkflowDefinition, folder: string): RunSource | undefined {
    if (this.missing(definition, folder).length > 0) return undefined;
    return { folder, modules: this.modules(definition, folder) };
  }

  /** Whether its functions are found by its id and version, which may then mean one definition only. */
  namesCode(definition: WorkflowDefinition): boolean {
    return this.names(definition).code.length > 0;
  }

  /** Whether `load` has anything to do. */
  usesModules(definition: WorkflowDefinition): boolean {
    return this.names(definition).uses.length > 0;
  }

  /** Loads the modules of a definition, anew where a file has changed. Answers whether anything is new. */
  async load(definition: WorkflowDefinition, folder: string | undefined): Promise<boolean> {
    const found = kept(this.exports, folder ?? "");
    const files = kept(this.files, folder ?? "");
    let isNew = false;
    for (const [path, names] of byPath(this.names(definition).uses)) {
      const module = await this.loadModule(folder, path);
      if ("hash" in module && files.get(path)?.hash !== module.hash) {
        files.set(path, { file: module.file, hash: module.hash });
        isNew = true;
      }
      for (const name of names)
        found.set(`${path}#${name}`, "hash" in module ? exported(module.exports, name, module.file) : module);
    }
    return isNew;
  }

  /** For runs that are taken up: each document once, whatever the number of its runs. */
  async loadFor(runs: readonly Run[]): Promise<void> {
    const loaded = new Set<string>();
    for (const run of runs) {
      const [definition, folder] = sourceOf(run);
      const key = `${run.workflow.hash} ${folder ?? ""}`;
      if (loaded.has(key)) continue;
      loaded.add(key);
      await this.load(definition, folder);
    }
  }

  /** Throws MODULE_UNUSABLE or CODE_UNKNOWN with all that is missing. */
  assertThere(definition: WorkflowDefinition, folder: string | undefined): void {
    const missing = this.missing(definition, folder);
    if (missing.length === 0) return;
    const { id: workflow } = definition;
    if (this.names(definition).uses.length === 0)
      throw new TuttiError("CODE_UNKNOWN", { workflow, names: missing.join(", ") });
    throw new TuttiError("MODULE_UNUSABLE", { workflow, problems: missing.map((line) => `  ${line}`).join("\n") });
  }

  private names(definition: WorkflowDefinition): Names {
    let names = this.named.get(definition);
    if (!names) this.named.set(definition, (names = namesIn(definition)));
    return names;
  }
}

/** A run's definition, and the folder of its document. */
export function sourceOf({ pinned, options }: Run): readonly [WorkflowDefinition, string | undefined] {
  return [pinned.definition, options.source?.folder];
}

function kept<V>(maps: Map<string, Map<string, V>>, name: string): Map<string, V> {
  const known = maps.get(name) ?? new Map<string, V>();
  maps.set(name, known);
  return known;
}

function exported(exports: Readonly<Record<string, unknown>>, name: string, file: string): Found {
  const entry = Object.hasOwn(exports, name) ? exports[name] : undefined;
  if (typeof entry === "function") return { entry };
  if (entry !== undefined) return { problem: `${name} of ${file} is not a function` };
  const there = Object.keys(exports).join(", ");
  return { problem: `${file} does not export ${name}${there === "" ? "" : ` (it exports ${there})`}` };
}

/** `./steps.mjs#price`, `./steps.mjs#tax` → `./steps.mjs`: price, tax. */
function byPath(uses: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, string[]>();
  for (const one of uses) {
    const hash = one.lastIndexOf("#");
    const path = one.slice(0, hash);
    paths.set(path, [...(paths.get(path) ?? []), one.slice(hash + 1)]);
  }
  return paths;
}

function key(definition: WorkflowDefinition): string {
  return `${definition.id}@${definition.version}`;
}

/** Every `{ code }` and `{ uses }` where a definition may have one; elsewhere such an object is only a value. */
function namesIn(definition: WorkflowDefinition): Names {
  const code = new Set<string>();
  const uses = new Set<string>();
  const take = (...values: readonly unknown[]): void => {
    for (const value of values) {
      if (isCode(value)) code.add(value.code);
      else if (isUses(value)) uses.add(value.uses);
    }
  };
  take(definition.input, ...Object.values(definition.onError ?? {}));
  for (const agent of definition.agents ?? []) if (agent.uses !== undefined) uses.add(agent.uses);
  const open: Fragment[] = [definition];
  for (let fragment = open.pop(); fragment !== undefined; fragment = open.pop()) {
    for (const step of Object.values(fragment.steps)) {
      take(step.when, step.undo, ...Object.values(step.onError ?? {}));
      if (step.kind === "task") {
        take(step.run, step.output);
        if (isCode(step.input)) take(step.input);
      } else {
        take(step.by);
        open.push(...Object.values(step.branches));
      }
    }
  }
  return { code: [...code], uses: [...uses] };
}
