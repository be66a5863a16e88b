/**
 * Whether a canonical definition may become a run. Every problem is told at once, with its path, what was expected,
 * and the name that was probably meant. Nothing is loaded, spawned or called. O(steps + needs); nothing recurses
 * over steps, only over nested branches.
 */
import { canonicalJson, encodeJson, type Json, memberPath } from "../std/json.ts";
import { isRecord, name } from "./check.ts";
import { isCode, type WorkflowDefinition } from "./definition.ts";
import { MAX_SCOPE_DEPTH } from "./graph.ts";
import { cycleOf, type Needing } from "./order.ts";
import { type Problem, Problems, show } from "./problems.ts";
import { branch, chooseStep, inputCode, taskStep, workflow } from "./tables.ts";
import { parseReference, visitTexts } from "./template.ts";

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
  const walk = new Walk();
  workflow(definition, "$", walk.problems);
  if (isRecord(definition)) walk.fragment(definition, "$", new Set(), 0);
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

class Walk {
  readonly problems = new Problems();
  private count = 0;

  /** `passed`: the names of the needs that the scopes around pass in. */
  fragment(fragment: Members, path: string, passed: ReadonlySet<string>, depth: number): void {
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
    if (output !== undefined) this.template(output, `${path}.output`, "steps", ids);
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
    if (kind === "choose") {
      const seen = new Set([...scope.passed, ...names]);
      this.branches(step["branches"], `${path}.branches`, seen, scope.depth + 1);
    } else {
      if ((step["run"] === undefined) === (step["agent"] === undefined))
        this.problems.add(path, "expected run or agent, exactly one of them");
      if (isCode(input)) inputCode(input, `${path}.input`, this.problems);
      else if (input !== undefined) this.template(input, `${path}.input`, "needs", [...scope.passed, ...names]);
    }
    return wired;
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

  private branches(branches: unknown, path: string, seen: ReadonlySet<string>, depth: number): void {
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

  /** JSON whose references name what is there. `root`: what they may name beside the run's input. */
  private template(template: unknown, path: string, root: "steps" | "needs", names: readonly string[]): void {
    const text = encodeJson(template);
    if ("error" in text) {
      this.problems.add(`${path}${text.error.path.slice(1)}`, `expected JSON, not ${text.error.problem}`);
      return;
    }
    const there = new Set(names);
    visitTexts(JSON.parse(text.json) as Json, path, (found, at) => {
      if (!found.startsWith("${") || !found.endsWith("}")) return;
      const reference = parseReference(found);
      if (reference?.root === "input") return;
      if (reference?.root !== root)
        this.problems.add(at, `expected \${input} or \${${root}.<name>} here, not ${show(found)}`);
      else if (!there.has(reference.name)) {
        const what = root === "steps" ? "step" : "need";
        this.problems.add(at, `there is no ${what} ${reference.name} here`, { name: reference.name, among: names });
      }
    });
  }
}

interface Scope {
  readonly steps: Members;
  readonly ids: readonly string[];
  readonly passed: ReadonlySet<string>;
  readonly depth: number;
}

/** Each needs the next; the middle of a long one is left out. */
function cycleText(cycle: readonly string[]): string {
  const shown =
    cycle.length <= 20 ? cycle : [...cycle.slice(0, 10), `… ${cycle.length - 19} more …`, ...cycle.slice(-9)];
  return [...shown, cycle[0]].join(" → ");
}
