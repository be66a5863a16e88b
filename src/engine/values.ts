/** From refs to JSON text and values: what a step sees, put together without parsing what is only passed on. */
import type { Ref } from "../run/ref.ts";
import type { Seen } from "../run/seen.ts";
import { seenBy } from "../run/seen.ts";
import { graphOf, openedGraph } from "../run/instance.ts";
import type { Instance, Run } from "../run/state.ts";
import type { Eventually } from "../std/eventually.ts";
import type { Json } from "../std/json.ts";
import type { Store } from "../store/port.ts";
import { evaluateExpression } from "../workflow/expression.ts";
import type { Reference } from "../workflow/template.ts";
import { fillTemplate } from "../workflow/template.ts";
import type { Template } from "../workflow/definition.ts";

/** Reads a ref whose text is at hand. */
export type Read = (ref: Ref) => string;

/**
 * Calls `make` with a reader for these refs: at once when all are inline (nearly always), else when the blobs
 * have been read.
 */
export function reading<T>(store: Store, refs: readonly Ref[], make: (read: Read) => T): Eventually<T> {
  const stored = refs.filter((ref) => "hash" in ref);
  if (stored.length === 0) return make(inline);
  return Promise.all(stored.map((ref) => store.text(ref))).then((texts) => {
    const byHash = new Map(stored.map((ref, i) => [ref.hash, texts[i] as string]));
    return make((ref) => ("json" in ref ? ref.json : (byHash.get(ref.hash) as string)));
  });
}

function inline(ref: Ref): string {
  if ("json" in ref) return ref.json;
  throw new Error(`the value ${ref.hash} was not read`);
}

export function refsSeen(run: Run, instance: Instance): readonly Ref[] {
  return [
    run.input,
    run.variables,
    run.options.metadata,
    ...seenBy(run, instance).flatMap((seen) => ("output" in seen ? [seen.output] : [])),
  ];
}

/** `{ input, needs }`: what an agent gets when its step maps nothing. */
export function defaultInput(run: Run, instance: Instance, read: Read): string {
  return `{"input":${read(run.input)},"needs":${needsText(seenBy(run, instance), read)}}`;
}

/** `{ input, needs, vars, run }`: what conditions, choices and mappings get. */
export function scopeText(run: Run, instance: Instance, read: Read): string {
  return `{"needs":${needsText(seenBy(run, instance), read)},${aroundText(run, read)}}`;
}

/** The members `input`, `vars` and `run`. */
function aroundText({ options, id, input, variables }: Run, read: Read): string {
  const about = `{"id":${JSON.stringify(id)},"tags":${JSON.stringify(options.tags)},"metadata":${read(options.metadata)}}`;
  return `"input":${read(input)},"vars":${read(variables)},"run":${about}`;
}

function needsText(needs: readonly Seen[], read: Read): string {
  return `{${needs.map((seen) => `${JSON.stringify(seen.name)}:${seenText(seen, read)}`).join(",")}}`;
}

function seenText(seen: Seen, read: Read): string {
  if (!("settled" in seen)) return read(seen.output);
  if (seen.settled === "completed") return `{"status":"completed","output":${read(seen.output)}}`;
  if (seen.settled === "failed") {
    const { stack: _, ...error } = seen.error;
    return `{"status":"failed","error":${JSON.stringify(error)}}`;
  }
  return `{"status":"${seen.settled}","reason":"${seen.reason}"}`;
}

/** What the output of the run (no scope), or of an open scope, may be made of. */
export function refsOfOutput(run: Run, scope: Instance | undefined): readonly Ref[] {
  const refs: Ref[] = scope ? [...refsSeen(run, scope)] : [run.input, run.variables, run.options.metadata];
  for (const { output } of made(run, scope)) if (output) refs.push(output);
  return refs;
}

/** The instances of a graph: the run's, or an open scope's. */
function made(run: Run, scope: Instance | undefined): readonly Instance[] {
  const { length } = (scope ? openedGraph(scope) : run.pinned.graph).steps;
  const first = scope?.opened?.first ?? 0;
  return Array.from({ length }, (_, index) => run.instances.at(first + index));
}

/** The output of the run (no scope), or of an open scope: `{ branch, output }`. */
export function outputText(run: Run, scope: Instance | undefined, read: Read): string {
  const graph = scope ? openedGraph(scope) : run.pinned.graph;
  const base = scope?.opened?.first ?? 0;
  const resolve = (reference: Reference): Json | undefined => {
    if (reference.root !== "steps") return JSON.parse(read(run.input)) as Json;
    const index = graph.byId.get(reference.name);
    const ref = index === undefined ? undefined : run.instances.at(base + index).output;
    return ref ? (JSON.parse(read(ref)) as Json) : undefined;
  };
  const output = fillTemplate(
    graph.output,
    resolve,
    evaluating(() => outputView(run, scope, read)),
  );
  return JSON.stringify(scope ? { branch: scope.opened?.branch, output } : output) ?? "null";
}

/** `{ steps, input, vars, run }`, in a scope with the `needs` that it passes in. */
function outputView(run: Run, scope: Instance | undefined, read: Read): string {
  const steps = made(run, scope).flatMap(({ step, output }) =>
    output ? [`${JSON.stringify(step.id)}:${read(output)}`] : [],
  );
  const needs = scope ? `"needs":${needsText(seenBy(run, scope), read)},` : "";
  return `{"steps":{${steps.join(",")}},${needs}${aroundText(run, read)}}`;
}

/** Evaluates on a view that is made when the first expression asks for it. */
function evaluating(viewText: () => string): (expression: string) => Json | undefined {
  let view: unknown;
  return (expression) => evaluateExpression(expression, (view ??= JSON.parse(viewText())));
}

/** A literal input with its references filled in. */
export function templateText(run: Run, instance: Instance, template: Template, read: Read): string {
  const needs = new Map(seenBy(run, instance).map((seen) => [seen.name, seen]));
  const resolve = (reference: Reference): Json | undefined => {
    if (reference.root === "input") return JSON.parse(read(run.input)) as Json;
    if (reference.root === "needs") {
      const seen = needs.get(reference.name);
      return seen ? (JSON.parse(seenText(seen, read)) as Json) : undefined;
    }
    const graph = graphOf(run, instance);
    const index = graph.byId.get(reference.name);
    const ref = index === undefined ? undefined : run.instances.at(instance.base + index).output;
    return ref ? (JSON.parse(read(ref)) as Json) : undefined;
  };
  const filled = fillTemplate(
    template,
    resolve,
    evaluating(() => scopeText(run, instance, read)),
  );
  return JSON.stringify(filled) ?? "null";
}
