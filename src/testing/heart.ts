/**
 * Plays the pure heart by itself, as an engine would, but with no store, no clock and no agent: posts commands,
 * keeps the journal, and knows what was asked for and not yet answered.
 */
import type { ErrorKind, Failure } from "../errors.ts";
import type { Command, Decision, Effect, Evaluation, Refusal, Token } from "../run/commands.ts";
import { create, decide } from "../run/decide.ts";
import type { RunEvent, RunOptions } from "../run/events.ts";
import { pin } from "../run/pinned.ts";
import type { Pinned } from "../run/pinned.ts";
import type { Ref } from "../run/ref.ts";
import type { StartRun } from "../run/runtime.ts";
import type { Instance, Run } from "../run/state.ts";
import { invariant } from "../std/invariant.ts";
import type { HandlerChoice, TaskStep, WorkflowDefinition } from "../workflow/definition.ts";
import { DEFAULTS } from "../workflow/policy.ts";

/** Something that waits for the shell: an evaluation, an agent, or a running attempt. `instance` −1: the run. */
export type Asked =
  | { readonly type: "evaluate"; readonly instance: number; readonly role: Evaluation }
  | { readonly type: "offer"; readonly instance: number }
  | { readonly type: "attempt"; readonly instance: number };

export const askedKey = (asked: Asked): string =>
  asked.type === "evaluate" ? `evaluate ${asked.role} ${asked.instance}` : `${asked.type} ${asked.instance}`;

export const refOf = (value: unknown): Ref => ({ json: JSON.stringify(value) });

export const failureOf = (kind: ErrorKind, extra: Partial<Failure> = {}): Failure => ({
  kind,
  message: `a ${kind}`,
  ...extra,
});

export function task(needs: readonly string[] = [], extra: Partial<TaskStep> = {}): TaskStep {
  const named = needs.length > 0 && { needs: Object.fromEntries(needs.map((need) => [need, need])) };
  return { kind: "task", run: { code: "x.run" }, ...named, ...extra };
}

export function definitionOf(
  steps: WorkflowDefinition["steps"],
  extra: Partial<WorkflowDefinition> = {},
): WorkflowDefinition {
  return { tutti: "1", id: "played", version: "1", steps, ...extra };
}

const OPTIONS: RunOptions = {
  priority: "normal",
  tags: [],
  metadata: refOf({}),
  variables: refOf({}),
  retry: DEFAULTS.retry,
  timeout: DEFAULTS.timeout,
  runTimeoutMs: DEFAULTS.runTimeoutMs,
  maxHandlerRounds: DEFAULTS.maxHandlerRounds,
  maxRecoveries: DEFAULTS.maxRecoveries,
};

export class Play {
  readonly pinned: Pinned;
  readonly start: StartRun;
  readonly journal: RunEvent[] = [];
  /** Every command so far, refused ones too, with its time. */
  readonly commands: { readonly command: Command; readonly at: number }[] = [];
  /** By `askedKey`. */
  readonly asked = new Map<string, Asked>();
  /** Attempts that were told to stop, as `instance/epoch`. */
  readonly aborted = new Set<string>();
  run: Run;
  now = 1_000;

  constructor(definition: WorkflowDefinition, options: Partial<RunOptions> = {}) {
    this.pinned = pin(definition);
    this.start = {
      runId: "run_1",
      given: false,
      definition,
      hash: "hash",
      input: refOf(null),
      options: { ...OPTIONS, ...options },
    };
    const { run, events } = create(this.start, this.pinned, this.now);
    this.run = run;
    this.journal.push(...events);
  }

  /** A play that has been admitted. */
  static of(
    steps: WorkflowDefinition["steps"],
    extra?: Partial<WorkflowDefinition>,
    options?: Partial<RunOptions>,
  ): Play {
    const play = new Play(definitionOf(steps, extra), options);
    play.do({ type: "admit" });
    return play;
  }

  /** One command, at `now`. What it asks for is remembered until an event says that it is answered or void. */
  post(command: Command): Decision | Refusal {
    this.commands.push({ command, at: this.now });
    const answer = decide(this.run, command, this.now);
    if ("refused" in answer) return answer;
    this.run = answer.run;
    for (const event of answer.events) {
      this.journal.push(event);
      this.hear(event);
    }
    for (const effect of answer.effects) this.ask(effect);
    return answer;
  }

  /** A command that must be taken. */
  do(command: Command): Decision {
    const answer = this.post(command);
    invariant(!("refused" in answer), `${command.type} was refused: ${JSON.stringify(answer)}`);
    return answer;
  }

  instance(path: string): Instance {
    for (const instance of this.run.instances) if (instance.path === path) return instance;
    throw new Error(`there is no ${path}`);
  }

  /** Status by path; a skip shows its reason. */
  statuses(): Record<string, string> {
    const all: Record<string, string> = {};
    for (const { path, status, reason } of this.run.instances) all[path] = reason ?? status;
    return all;
  }

  token(path: string): Token {
    const { index, attempts, epoch } = this.instance(path);
    return { instance: index, attempt: attempts, epoch };
  }

  /** Begins an attempt, as soon as it may begin. */
  lease(path: string, agent?: string): Token {
    const { index, retryAt } = this.instance(path);
    this.now = Math.max(this.now, retryAt ?? 0);
    this.do({ type: "lease", instance: index, ...(agent !== undefined && { agent }) });
    return this.token(path);
  }

  complete(path: string, value: unknown = path): Decision {
    return this.do({ type: "complete", token: this.running(path), output: refOf(value) });
  }

  fail(path: string, kind: ErrorKind = "validation_error", extra: Partial<Failure> = {}): Decision {
    return this.do({ type: "fail", token: this.running(path), failure: failureOf(kind, extra) });
  }

  when(path: string, value: boolean): Decision {
    return this.do({ type: "answer", instance: this.instance(path).index, answer: { role: "when", value } });
  }

  choose(path: string, branch: string): Decision {
    return this.do({ type: "answer", instance: this.instance(path).index, answer: { role: "by", branch } });
  }

  handle(path: string, choice: HandlerChoice): Decision {
    return this.do({ type: "answer", instance: this.instance(path).index, answer: { role: "onError", choice } });
  }

  /** The output of a scope, or of the run itself. */
  output(path?: string, value: unknown = null): Decision {
    const instance = path === undefined ? -1 : this.instance(path).index;
    return this.do({ type: "answer", instance, answer: { role: "output", output: refOf(value) } });
  }

  private running(path: string): Token {
    return this.instance(path).status === "running" ? this.token(path) : this.lease(path);
  }

  private ask(effect: Effect): void {
    if (effect.type === "evaluate" || effect.type === "offer") this.asked.set(askedKey(effect), effect);
    else if (effect.type === "abort") this.aborted.add(`${effect.token.instance}/${effect.token.epoch}`);
    else if (effect.type === "execute") {
      const attempt = { type: "attempt", instance: effect.instance } as const;
      this.asked.set(askedKey(attempt), attempt);
    }
  }

  /** What an event says about an instance answers, or makes void, whatever was asked of it before. */
  private hear({ type, instance }: RunEvent): void {
    if (instance !== undefined) {
      for (const asked of this.asked.values()) if (asked.instance === instance) this.asked.delete(askedKey(asked));
    } else if (type === "run.stranded") {
      for (const asked of this.asked.values()) if (asked.type !== "attempt") this.asked.delete(askedKey(asked));
    } else if (type === "run.completed" || type === "run.failed" || type === "run.cancelled") this.asked.clear();
  }
}
