/** What stands behind `w`: each call adds a step to the fragment being built. Nothing here runs when a run does. */
import { isPromise } from "../std/eventually.ts";
import { encodeJson, memberPath } from "../std/json.ts";
import type { Build } from "./build.ts";
import type { Fragment, Step, Template } from "./definition.ts";
import { checkKeys, isBag, priorityOf, retryOf, selectorOf, timeoutOf } from "./options.ts";
import { refuse, show } from "./problems.ts";
import { stepReference } from "./template.ts";

type Options = Readonly<Record<string, unknown>>;
type Draft = Record<string, unknown>;

/** Options that are data as they stand. */
const PLAIN = ["rest", "estimateMs", "type", "description", "phase"];
const COMMON = [...PLAIN, "needs", "when", "join", "priority", "retry", "timeout", "onError", "undo"];
const TASK = [...COMMON, "run", "agent", "input", "output"];
const CHOOSE = [...COMMON, "by", "branches"];

class StepHandle {
  readonly id: string;
  readonly scope: ScopeBuilder;
  private readonly onUndo: (fn: unknown) => void;

  constructor(id: string, scope: ScopeBuilder, onUndo: (fn: unknown) => void) {
    this.id = id;
    this.scope = scope;
    this.onUndo = onUndo;
  }

  undo(fn: unknown): this {
    this.onUndo(fn);
    return this;
  }
}

export class ScopeBuilder {
  readonly build: Build;
  /** Of the scope's steps in the definition: empty, or `route:approved/`. */
  private readonly prefix: string;
  /** The JSON path of the fragment. */
  private readonly at: string;
  private readonly steps = new Map<string, Draft>();
  private closed = false;

  constructor(build: Build, prefix = "", at = "$") {
    this.build = build;
    this.prefix = prefix;
    this.at = at;
  }

  task(id: string, given: unknown): StepHandle {
    const { build } = this;
    const { step, options, owner, at, handle } = this.begin("task", id, given, TASK);
    if (options["run"] !== undefined) step["run"] = build.capture(owner, "run", options["run"], `${at}.run`);
    const agent = options["agent"] ?? (options["run"] === undefined ? byType(options["type"]) : undefined);
    if (agent !== undefined) step["agent"] = selectorOf(agent, `${at}.agent`, build.problems, build.met);
    if (options["input"] !== undefined) step["input"] = this.inputOf(options["input"], owner, `${at}.input`);
    if (options["output"] !== undefined)
      step["output"] = build.captureSchema(owner, "output", options["output"], `${at}.output`);
    return handle;
  }

  choose(id: string, given: unknown): StepHandle {
    const { build } = this;
    const { step, options, owner, at, handle } = this.begin("choose", id, given, CHOOSE);
    step["by"] = build.capture(owner, "by", options["by"], `${at}.by`);
    const branches = new Map<string, Fragment>();
    if (!isBag(options["branches"])) build.problems.add(`${at}.branches`, "expected { name: (w) => … }");
    else
      for (const [name, branch] of Object.entries(options["branches"])) {
        const path = memberPath(`${at}.branches`, name);
        if (typeof branch !== "function") build.problems.add(path, `expected a function of w, not ${show(branch)}`);
        else {
          const inner = new ScopeBuilder(build, `${owner}:${name}/`, path);
          branches.set(name, inner.close((branch as (w: ScopeBuilder) => unknown)(inner)));
        }
      }
    step["branches"] = Object.fromEntries(branches);
    return handle;
  }

  /** A handle of a step that is added later, for steps that come in any order. */
  later(id: string): StepHandle {
    return new StepHandle(id, this, () => {});
  }

  /** The finished fragment, with what its callback returned as the output. */
  close(returned: unknown): Fragment {
    this.closed = true;
    const output = returned === undefined ? undefined : this.outputOf(returned);
    const steps = Object.fromEntries(this.steps) as unknown as Readonly<Record<string, Step>>;
    return output === undefined ? { steps } : { steps, output };
  }

  private begin(kind: Step["kind"], id: string, given: unknown, keys: readonly string[]) {
    const { build } = this;
    const at = memberPath(`${this.at}.steps`, id);
    const owner = `${this.prefix}${id}`;
    if (this.closed) refuse(build.workflow, [{ path: at, message: "this scope is built; w is of no more use" }]);
    if (this.steps.has(id)) build.problems.add(at, `there are two steps ${id} in this scope`);
    const step: Draft = { kind };
    this.steps.set(id, step);
    const options: Options = isBag(given) ? given : {};
    if (!isBag(given)) build.problems.add(at, `expected options, not ${show(given)}`);
    checkKeys(options, keys, at, build.problems);
    this.addCommon(step, options, owner, at);
    const handle = new StepHandle(id, this, (fn) => {
      if (this.closed) refuse(build.workflow, [{ path: `${at}.undo`, message: "this scope is built" }]);
      if (step["undo"] !== undefined) build.problems.add(`${at}.undo`, "a step has one undo");
      step["undo"] = build.capture(owner, "undo", fn, `${at}.undo`);
    });
    return { step, options, owner, at, handle };
  }

  private addCommon(step: Draft, options: Options, owner: string, at: string): void {
    const { problems } = this.build;
    const { needs, when, join, retry, timeout, onError, undo } = options;
    for (const key of PLAIN) if (options[key] !== undefined) step[key] = options[key];
    if (needs !== undefined) this.addNeeds(step, needs, `${at}.needs`);
    if (when !== undefined) step["when"] = this.build.capture(owner, "when", when, `${at}.when`);
    if (join !== undefined && join !== "all") step["join"] = isBag(join) ? { ...join } : join;
    const priority = priorityOf(options["priority"]);
    if (priority !== undefined) step["priority"] = priority;
    if (retry !== undefined) step["retry"] = retryOf(retry, `${at}.retry`, problems);
    if (timeout !== undefined) step["timeout"] = timeoutOf(timeout, `${at}.timeout`, problems);
    if (onError !== undefined) step["onError"] = this.build.captureHandlers(owner, onError, `${at}.onError`);
    if (undo !== undefined) step["undo"] = this.build.capture(owner, "undo", undo, `${at}.undo`);
  }

  private addNeeds(step: Draft, needs: unknown, at: string): void {
    const ids = new Map<string, string>();
    if (!isBag(needs)) this.build.problems.add(at, `expected { name: step }, not ${show(needs)}`);
    else
      for (const [name, need] of Object.entries(needs)) {
        const id = this.idOf(need, memberPath(at, name));
        if (id !== undefined) ids.set(name, id);
      }
    if (ids.size > 0) step["needs"] = Object.fromEntries(ids);
  }

  private idOf(need: unknown, at: string): string | undefined {
    const { problems, workflow } = this.build;
    if (!(need instanceof StepHandle)) {
      problems.add(at, `expected a step, as w.task and w.choose return them, not ${show(need)}`);
    } else if (need.scope.build !== this.build) {
      problems.add(
        at,
        `step ${need.id} belongs to workflow ${show(need.scope.build.workflow)}, not to ${show(workflow)}`,
      );
    } else if (need.scope !== this) {
      problems.add(
        at,
        `step ${need.id} lies in another scope; what a branch is to see goes into the needs of its choose`,
      );
    } else return need.id;
    return undefined;
  }

  private inputOf(input: unknown, owner: string, at: string): unknown {
    if (typeof input === "function") return this.build.capture(owner, "input", input, at);
    const text = encodeJson(input);
    if ("json" in text) return JSON.parse(text.json);
    this.build.problems.add(
      `${at}${text.error.path.slice(1)}`,
      `expected JSON or a function, not ${text.error.problem}`,
    );
    return undefined;
  }

  private outputOf(returned: unknown): Template | undefined {
    const at = `${this.at}.output`;
    if (returned instanceof StepHandle) return this.reference(returned, at);
    if (!isBag(returned) || isPromise(returned)) {
      const found = isPromise(returned) ? "a promise: the callback must not be async" : show(returned);
      this.build.problems.add(at, `expected a step, a record of steps, or nothing, not ${found}`);
      return undefined;
    }
    const references = new Map<string, string>();
    for (const [name, handle] of Object.entries(returned)) {
      const reference = this.reference(handle, memberPath(at, name));
      if (reference !== undefined) references.set(name, reference);
    }
    return Object.fromEntries(references);
  }

  private reference(handle: unknown, at: string): string | undefined {
    const id = this.idOf(handle, at);
    return id === undefined ? undefined : stepReference(id);
  }
}

/** A step of a type and no more goes to whoever has that type as a capability. */
function byType(type: unknown): { readonly capability: unknown } | undefined {
  return type === undefined ? undefined : { capability: type };
}
