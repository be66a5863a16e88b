/**
 * Whether a canonical definition may become a run. Every problem is told at once, with its path, what was expected,
 * and the name that was probably meant. Nothing is loaded, spawned or called. O(steps + needs); nothing recurses
 * over steps, only over nested branches.
 */
import { canonicalJson, encodeJson, type Json, type JsonObject, memberPath } from "../std/json.ts";
import { isRecord, name } from "./check.ts";
import { isCode, type WorkflowDefinition } from "./definition.ts";
import { checkExpression, type Expected, type ExpressionScope } from "./expression.ts";
import { MAX_SCOPE_DEPTH } from "./graph.ts";
import { cycleOf, type Needing } from "./order.ts";
import { type Problem, Problems, show } from "./problems.ts";
import { branch, chooseStep, inputCode, taskStep, workflow } from "./tables.ts";
import { partsOf, type Reference, visitTexts } from "./template.ts";

export const MAX_STEPS = 100_000;

export interface Validation {
  readonly problems: readonly Problem[];
  /** A frozen copy of what was given, plain JSON throughout. Absent when there are problems. */
  readonly definition?: WorkflowDefinition;
}

/** Definitions known to be valid and frozen, so that they need no second look and no copy. */
const sealed = new WeakSet<object>();

/** Freezes a valid definition to its leaves. */
export function seal(definition: WorkflowDefinition): WorkflowDefinition {
  sealed.add(frozen(definition));
  return definition;
}

export function validate(definition: unknown): Validation {
  if (isRecord(definition) && sealed.has(definition)) {
    return { problems: [], definition: definition as unknown as WorkflowDefinition };
  }
  const input = isRecord(definition) ? definition["input"] : undefined;
  const walk = new Walk(isRecord(input) && !isCode(input) ? (input as JsonObject) : undefined);
  workflow(definition, "$", walk.problems);
  if (isRecord(definition)) walk.fragment(definition, "$", new Map(), 0);
  if (walk.problems.any) return { problems: walk.problems.list() };
  const copy = JSON.parse(canonicalJson(definition as Json)) as WorkflowDefinition;
  return { problems: [], definition: seal(copy) };
}

/** Definitions nest as deep as scopes do, never as deep as they have steps. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const item of Object.values(value)) frozen(item);
    Object.freeze(value);
  }
  return value;
}

type Members = Readonly<Record<string, unknown>>;
/** What an expression sees of each need: its output, or how it ended. */
type Seen = ReadonlyMap<string, "value" | "settled">;

class Walk {
  readonly problems = new Problems();
  /** The run's input, as far as its schema tells. */
  private readonly input: JsonObject | undefined;
  private count = 0;

  constructor(input: JsonObject | undefined) {
    this.input = input;
  }

  /** `passed`: the needs that the scopes around pass in. */
  fragment(fragment: Members, path: string, passed: Seen, depth: number): void {
    const { steps, output } = fragment;
    const at = `${path}.steps`;
    if (!isRecord(steps)) {
      if (steps !== undefined || depth > 0) this.problems.add(at, `expected { id: step }, not ${show(steps)}`);
      return;
    }
    const ids = Object.keys(steps);
    this.count += ids.length;
    if (ids.length === 0 && depth === 0) this.problems.add(at, "expected at least one step");
    if (this.count > MAX_STEPS) {
      this.problems.add(at, `expected at most ${MAX_STEPS} steps in all, not ${this.count}`);
      return;
    }
    let wired = true;
    for (const id of ids) {
      const stepAt = memberPath(at, id);
      name(id, stepAt, this.problems);
      const step = steps[id];
      if (!isRecord(step)) this.problems.add(stepAt, `expected a step, not ${show(step)}`);
      else if (!this.step(step, id, stepAt, { steps, ids, passed, depth })) wired = false;
    }
    // Only where every need is a step of its own, so that a cycle is not told beside what it comes from.
    const cycle = wired ? cycleOf(steps as Needing) : undefined;
    if (cycle) this.problems.add(at, `the steps need each other in a cycle: ${cycleText(cycle)}`);
    if (output !== undefined) this.template(output, `${path}.output`, this.scope({ steps: new Set(ids) }));
  }

  /** Whether its needs are such that cycles can be looked for. */
  private step(step: Members, id: string, path: string, scope: Scope): boolean {
    const { kind, input, needs } = step;
    if (kind !== "task" && kind !== "choose") {
      this.problems.add(`${path}.kind`, `expected task or choose, not ${show(kind)}`);
      return false;
    }
    (kind === "task" ? taskStep : chooseStep)(step, path, this.problems);
    const wired = this.needs(needs, id, `${path}.needs`, scope);
    const names = isRecord(needs) ? Object.keys(needs) : [];
    this.join(step, names.length, path);
    if (kind === "task") {
      if ((step["run"] === undefined) === (step["agent"] === undefined))
        this.problems.add(path, "expected run or agent, exactly one of them");
      if (isCode(input)) inputCode(input, `${path}.input`, this.problems);
    }
    this.texts(step, path, scope, names);
    return wired;
  }

  /** What depends on the needs it sees: its expressions, and its branches. */
  private texts(step: Members, path: string, { passed, depth }: Scope, names: readonly string[]): void {
    const { kind, when, by, input, branches } = step;
    const filled = kind === "task" && input !== undefined && !isCode(input);
    if (typeof when !== "string" && kind === "task" && !filled) return;
    const shown = step["join"] === "settled" ? "settled" : "value";
    const seen: Seen = new Map([...passed, ...names.map((need) => [need, shown] as const)]);
    const sees = this.scope({ needs: seen });
    if (typeof when === "string") this.expression(when, `${path}.when`, sees, "bool");
    if (filled) this.template(input, `${path}.input`, sees);
    if (kind === "task") return;
    if (typeof by === "string") this.expression(by, `${path}.by`, sees, "string");
    this.branches(branches, `${path}.branches`, seen, depth + 1);
  }

  private needs(needs: unknown, id: string, path: string, { steps, ids }: Scope): boolean {
    if (needs === undefined) return true;
    if (!isRecord(needs)) {
      this.problems.add(path, `expected { name: step id }, not ${show(needs)}`);
      return false;
    }
    const before = this.problems.count;
    const nameOf = new Map<unknown, string>();
    for (const [need, step] of Object.entries(needs)) {
      const at = memberPath(path, need);
      name(need, at, this.problems);
      if (typeof step !== "string" || !Object.hasOwn(steps, step)) {
        const meant = { name: typeof step === "string" ? step : "", among: ids };
        this.problems.add(at, `there is no step ${show(step)} in this scope`, meant);
      } else if (step === id) this.problems.add(at, `step ${id} needs itself`);
      else if (nameOf.has(step)) this.problems.add(at, `step ${step} is needed twice, also as ${nameOf.get(step)}`);
      nameOf.set(step, need);
    }
    return this.problems.count === before;
  }

  private join({ join, rest }: Members, needs: number, path: string): void {
    const at = `${path}.join`;
    const partial = join === "any" || isRecord(join);
    if (isRecord(join)) {
      const { quorum } = join;
      if (Object.keys(join).length !== 1 || typeof quorum !== "number" || !Number.isInteger(quorum) || quorum < 1)
        this.problems.add(at, `expected { quorum: a whole number from 1 }, not ${show(join)}`);
      else if (quorum > needs) this.problems.add(at, `a quorum of ${quorum} cannot be reached with ${needs} needs`);
    } else if (join === "any" && needs === 0) this.problems.add(at, "any of no needs cannot be reached");
    else if (join !== undefined && join !== "all" && join !== "settled" && join !== "any")
      this.problems.add(at, `expected all, settled, any or { quorum }, not ${show(join)}`, {
        name: typeof join === "string" ? join : "",
        among: ["all", "settled", "any", "quorum"],
      });
    if (rest === undefined) return;
    if (rest !== "cancel") this.problems.add(`${path}.rest`, `expected cancel, not ${show(rest)}`);
    else if (!partial) this.problems.add(`${path}.rest`, "only any and quorum leave a rest to cancel");
  }

  private branches(branches: unknown, path: string, seen: Seen, depth: number): void {
    if (branches === undefined) return;
    if (!isRecord(branches) || Object.keys(branches).length === 0) {
      this.problems.add(path, `expected at least one branch, { name: { steps } }, not ${show(branches)}`);
      return;
    }
    for (const [key, fragment] of Object.entries(branches)) {
      const at = memberPath(path, key);
      name(key, at, this.problems);
      if (depth > MAX_SCOPE_DEPTH)
        this.problems.add(at, `expected at most ${MAX_SCOPE_DEPTH} scopes within each other`);
      else {
        branch(fragment, at, this.problems);
        if (isRecord(fragment)) this.fragment(fragment, at, seen, depth);
      }
    }
  }

  private scope(sees: Pick<ExpressionScope, "needs" | "steps">): ExpressionScope {
    return this.input === undefined ? sees : { ...sees, input: this.input };
  }

  private expression(text: string, path: string, scope: ExpressionScope, expected: Expected): void {
    const problem = checkExpression(text, scope, expected);
    if (problem) this.problems.add(path, problem.message, problem.meant);
  }

  /** JSON whose expressions name what is there. */
  private template(template: unknown, path: string, scope: ExpressionScope): void {
    const text = encodeJson(template);
    if ("error" in text) {
      this.problems.add(`${path}${text.error.path.slice(1)}`, `expected JSON, not ${text.error.problem}`);
      return;
    }
    if (!text.json.includes("${")) return;
    visitTexts(JSON.parse(text.json) as Json, path, (found, at) => {
      const parts = partsOf(found);
      if ("problem" in parts) this.problems.add(at, parts.problem);
      else
        for (const part of parts)
          if ("expression" in part) {
            if (part.reference) this.reference(part.reference, at, scope);
            else this.expression(part.expression, at, scope, "any");
          }
    });
  }

  private reference(reference: Reference, path: string, { needs, steps }: ExpressionScope): void {
    if (reference.root === "input") return;
    const { root, name: meant } = reference;
    const there = root === "steps" ? steps : needs;
    if (there === undefined)
      this.problems.add(
        path,
        `expected \${input} or \${${steps ? "steps" : "needs"}.<name>} here, not "\${${root}.${meant}}"`,
      );
    else if (!there.has(meant)) {
      const what = root === "steps" ? "step" : "need";
      this.problems.add(path, `there is no ${what} ${meant} here`, { name: meant, among: [...there.keys()] });
    }
  }
}

interface Scope {
  readonly steps: Members;
  readonly ids: readonly string[];
  readonly passed: Seen;
  readonly depth: number;
}

/** Each needs the next; the middle of a long one is left out. */
function cycleText(cycle: readonly string[]): string {
  const shown =
    cycle.length <= 20 ? cycle : [...cycle.slice(0, 10), `… ${cycle.length - 19} more …`, ...cycle.slice(-9)];
  return [...shown, cycle[0]].join(" → ");
}
