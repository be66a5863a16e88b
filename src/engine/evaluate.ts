/**
 * Runs what definitions only name: conditions, choices, mappings, handlers, output templates. Once each; the answer
 * is journaled by the heart. What needs no waiting is answered at once and shares the turn and its commit.
 */
import type { Failure } from "../errors.ts";
import { TaskError, toFailure } from "../errors.ts";
import type { Answer, Evaluation } from "../run/commands.ts";
import type { Ref } from "../run/ref.ts";
import type { Instance, Run } from "../run/state.ts";
import type { Clock } from "../std/clock.ts";
import type { Eventually } from "../std/eventually.ts";
import { andThen, isPromise, settled } from "../std/eventually.ts";
import { encodeJson } from "../std/json.ts";
import type { Store } from "../store/port.ts";
import type { HandlerChoice, Template } from "../workflow/definition.ts";
import { isCode } from "../workflow/definition.ts";
import { evaluateExpression } from "../workflow/expression.ts";
import { choiceOf } from "../workflow/options.ts";
import { Problems } from "../workflow/problems.ts";
import type { CodeTables } from "./code.ts";
import { checkAgainst } from "../workflow/schema.ts";
import type { EngineParts } from "./parts.ts";
import type { Read } from "./values.ts";
import { defaultInput, outputText, reading, refsOfOutput, refsSeen, scopeText, templateText } from "./values.ts";

/** The JSON text an attempt is given, or why there is none. */
export type Input =
  | { readonly json: string; /** With its secrets still by name. */ readonly shown?: string }
  | { readonly failure: Failure };

export class Evaluator {
  private readonly store: Store;
  private readonly code: CodeTables;
  private readonly clock: Clock;
  private readonly limitMs: number;

  private readonly keep: (json: string) => Promise<Ref>;
  private readonly resolveSecrets: (json: string) => string;

  /** `keep` stores a large value, however long the store refuses: that is no failure of whoever made it. */
  constructor({ store, code, clock, resolveSecrets, limits }: EngineParts, keep: (json: string) => Promise<Ref>) {
    this.keep = keep;
    this.store = store;
    this.code = code;
    this.clock = clock;
    this.resolveSecrets = resolveSecrets;
    this.limitMs = limits.evaluateMs;
  }

  /** `index` −1: the run itself. Never throws or rejects: what the code throws is the answer's failure. */
  answer(run: Run, index: number, role: Evaluation): Eventually<Answer> {
    return settled<Answer, Answer>(
      () => this.evaluate(run, index, role),
      (answer) => answer,
      (thrown) => ({ role, failure: toFailure(thrown) }),
    );
  }

  input(run: Run, instance: Instance): Eventually<Input> {
    return settled<Input, Input>(
      () => this.mapped(run, instance),
      (read) => read,
      (thrown) => ({ failure: toFailure(thrown, "validation_error") }),
    );
  }

  private evaluate(run: Run, index: number, role: Evaluation): Eventually<Answer> {
    if (role === "output") return this.output(run, index);
    const instance = run.instances.at(index);
    const { step } = instance.step;
    switch (role) {
      case "when":
        return andThen(this.call(run, instance, step.when, "bool"), (value): Answer => ({
          role,
          value: Boolean(value),
        }));
      case "by":
        return andThen(
          this.call(run, instance, step.kind === "choose" ? step.by : undefined, "string"),
          (value): Answer => {
            if (typeof value === "string") return { role, branch: value };
            throw new TaskError(
              "validation_error",
              `a choice is the name of a branch, not ${JSON.stringify(value) ?? typeof value}`,
            );
          },
        );
      case "onError":
        return andThen(this.handler(run, instance), (choice): Answer => ({ role, choice }));
    }
  }

  private output(run: Run, index: number): Eventually<Answer> {
    const scope = index === -1 ? undefined : run.instances.at(index);
    const refs = refsOfOutput(run, scope);
    const json = reading(this.store, refs, (read) => outputText(run, scope, read));
    return andThen(
      andThen(json, (text) => this.ref(text)),
      (output): Answer => ({ role: "output", output }),
    );
  }

  /** An attempt's JSON against the step's schema, as a ref: what the schema made of it when it passes. */
  result(
    run: Run,
    instance: Instance,
    json: string,
  ): Eventually<{ readonly output: Ref } | { readonly failure: Failure }> {
    return settled<Ref, { readonly output: Ref } | { readonly failure: Failure }>(
      () => andThen(this.checked(run, instance, json), (text) => this.ref(text)),
      (output) => ({ output }),
      (thrown) => ({ failure: toFailure(thrown, "validation_error") }),
    );
  }

  private checked(run: Run, instance: Instance, json: string): Eventually<string> {
    const { step } = instance.step;
    if (step.kind !== "task" || step.output === undefined) return json;
    const schema = this.code.of(run, step.output);
    return andThen(checkAgainst(schema, JSON.parse(json), "the result"), (value) => encoded(value, "the result"));
  }

  /** Small texts are refs already; large ones are stored first. */
  ref(json: string): Eventually<Ref> {
    return json.length <= SURELY_INLINE ? { json } : this.keep(json);
  }

  private mapped(run: Run, instance: Instance): Eventually<Input> {
    const { step } = instance.step;
    const refs = refsSeen(run, instance);
    if (step.kind !== "task" || step.input === undefined)
      return reading(this.store, refs, (read) => ({ json: defaultInput(run, instance, read) }));
    const { input } = step;
    if (!isCode(input)) return reading(this.store, refs, (read) => this.filled(run, instance, input, read));
    return andThen(this.call(run, instance, input), (value): Input => ({ json: encoded(value, "the input") }));
  }

  /** A secret is looked up in what the owner wrote, never in what comes out of runs. */
  private filled(run: Run, instance: Instance, template: Template, read: Read): Input {
    const shown = templateText(run, instance, template, read);
    const written = JSON.stringify(template);
    if (!written.includes("secret://")) return { json: shown };
    return { json: templateText(run, instance, JSON.parse(this.resolveSecrets(written)) as Template, read), shown };
  }

  /** A function of the builder, or an expression, on what the instance sees. */
  private call(run: Run, instance: Instance, code: unknown, expected: "bool" | "string" | "any" = "any"): unknown {
    const fn =
      typeof code === "string"
        ? (view: unknown): unknown => evaluateExpression(code, view, expected)
        : this.function(run, code);
    return andThen(
      reading(this.store, refsSeen(run, instance), (read) => scopeText(run, instance, read)),
      (text) => this.limited(fn(JSON.parse(text))),
    );
  }

  private handler(run: Run, instance: Instance): Eventually<HandlerChoice> {
    const kind = instance.error?.kind ?? "agent_error";
    const fn = this.function(run, instance.step.step.onError?.[kind] ?? run.pinned.definition.onError?.[kind]);
    const { stack: _, ...error } = instance.error ?? { kind, message: "failed" };
    return andThen(
      this.limited(fn({ error, attempt: instance.attempts, path: instance.path, runId: run.id })),
      checkedChoice,
    );
  }

  private function(run: Run, code: unknown): (argument: unknown) => unknown {
    const entry = isCode(code) ? this.code.of(run, code) : undefined;
    if (typeof entry === "function") return entry as (argument: unknown) => unknown;
    throw new TaskError("validation_error", `no code for ${JSON.stringify(code)}`);
  }

  private limited(value: unknown): unknown {
    if (!isPromise(value)) return value;
    return new Promise((resolve, reject) => {
      const late = new TaskError("timeout", `no answer within ${this.limitMs} ms`);
      const disarm = this.clock.after(this.limitMs, () => reject(late));
      value.then(resolve, reject).then(disarm);
    });
  }
}

/** At most this many UTF-16 units are surely under the inline limit in bytes. */
const SURELY_INLINE = 16 * 1024;

function encoded(value: unknown, what: string): string {
  const text = encodeJson(value);
  if ("json" in text) return text.json;
  throw new TaskError("validation_error", `${what} is not JSON at ${text.error.path}: ${text.error.problem}`);
}

function checkedChoice(value: unknown): HandlerChoice {
  const problems = new Problems();
  const choice = choiceOf(value, "$", problems, () => undefined);
  if (choice && problems.count === 0) return choice;
  throw new TaskError(
    "validation_error",
    problems
      .list()
      .map(({ message }) => message)
      .join("; "),
  );
}
