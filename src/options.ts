/** The options of `createOrchestrator`: parsed and checked once, all problems at a time. Inside, nothing is optional. */
import type { Agent } from "./agent/define.ts";
import { isAgent } from "./agent/define.ts";
import { TuttiError } from "./errors.ts";
import type { AnyWorkflow } from "./facets/workflows.ts";
import type { SecretSource } from "./host/secrets.ts";
import type { Clock } from "./std/clock.ts";
import { systemClock } from "./std/clock.ts";
import type { Duration } from "./std/duration.ts";
import { parseDuration } from "./std/duration.ts";
import type { Ids } from "./std/ids.ts";
import { systemIds } from "./std/ids.ts";
import type { Store } from "./store/port.ts";
import type { RetryOptions, TimeoutOptions } from "./workflow/builder.ts";
import type { RetryPolicy, Timeouts } from "./workflow/definition.ts";
import type { Check } from "./workflow/check.ts";
import { elsewhere, flag, isRecord, object, within } from "./workflow/check.ts";
import { durationOf, retryOf, timeoutOf } from "./workflow/options.ts";
import { DEFAULTS } from "./workflow/policy.ts";
import { Problems, show } from "./workflow/problems.ts";

/** Every one may be left out; the defaults are those of the table `DEFAULTS`. */
export interface OrchestratorOptions {
  /** A file (made if it is not there), `:memory:`, or a store that is open. Default `.tutti/tutti.db`. */
  readonly store?: string | Store;
  readonly agents?: readonly Agent[];
  /** Known by id, and known after a restart: a run whose code is not here waits, stranded. */
  readonly workflows?: readonly AnyWorkflow[];
  /** Runs at a time; more wait as `pending`, by priority and age. */
  readonly maxConcurrentRuns?: number;
  /** Attempts at a time, over all runs. */
  readonly maxConcurrentTasks?: number;
  /** `false`: one attempt at a time, whatever `maxConcurrentTasks` says. */
  readonly enableParallelExecution?: boolean;
  /** What a step retries by, unless it or its workflow says otherwise. */
  readonly retry?: RetryOptions;
  readonly timeout?: TimeoutOptions;
  /** A whole run, wall clock. */
  readonly runTimeout?: Duration;
  readonly progressIntervalMs?: number;
  /** Of one attempt, in UTF-8 bytes of JSON; at most 100 MB. */
  readonly maxResultBytes?: number;
  /** How long an aborted attempt may take to stop. */
  readonly abortGrace?: Duration;
  /** How long attempts may finish when the orchestrator is closed. */
  readonly shutdownGrace?: Duration;
  /** Values of `secret://NAME`; before the environment's `TUTTI_SECRET_NAME`. */
  readonly secrets?: SecretSource;
  /** One line for the operator. Default: stderr. */
  readonly report?: (line: string) => void;
  readonly clock?: Clock;
  readonly ids?: Ids;
}

export interface ResolvedOptions {
  readonly store: string | Store;
  readonly agents: readonly Agent[];
  readonly workflows: readonly AnyWorkflow[];
  readonly maxConcurrentRuns: number;
  readonly maxConcurrentTasks: number;
  readonly retry: RetryPolicy;
  readonly timeout: Timeouts;
  readonly runTimeoutMs: number;
  readonly progressIntervalMs: number;
  readonly maxResultBytes: number;
  readonly abortGraceMs: number;
  readonly shutdownGraceMs: number;
  readonly secrets: SecretSource;
  readonly report: (line: string) => void;
  readonly clock: Clock;
  readonly ids: Ids;
}

const MAX_RESULT_BYTES = 100 * 1024 * 1024;

const whole = within(1, Number.MAX_SAFE_INTEGER, "whole");
const duration: Check = (value, path, problems) => void durationOf(value, path, problems);

function given(is: (value: unknown) => boolean, expected: string): Check {
  return (value, path, problems) => {
    if (!is(value)) problems.add(path, `expected ${expected}, not ${show(value)}`);
  };
}

function listOf(is: (value: unknown) => boolean, expected: string): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value)) return problems.add(path, `expected a list, not ${show(value)}`);
    for (const [index, item] of value.entries()) given(is, expected)(item, `${path}[${index}]`, problems);
  };
}

const isFunction = (value: unknown): boolean => typeof value === "function";
const isStore = (value: unknown): boolean =>
  (typeof value === "string" && value !== "") || (isRecord(value) && "commit" in value);

const check = object({
  store: given(isStore, "a path or a store"),
  agents: listOf(isAgent, "what agent() returns"),
  workflows: listOf(isRecord, "a workflow"),
  maxConcurrentRuns: whole,
  maxConcurrentTasks: whole,
  enableParallelExecution: flag,
  retry: elsewhere,
  timeout: elsewhere,
  runTimeout: duration,
  progressIntervalMs: within(0, Number.MAX_SAFE_INTEGER),
  maxResultBytes: within(1, MAX_RESULT_BYTES, "whole"),
  abortGrace: duration,
  shutdownGrace: duration,
  secrets: given((value) => isRecord(value) || isFunction(value), "a record or a function"),
  report: given(isFunction, "a function"),
  clock: given(isRecord, "a clock"),
  ids: given(isRecord, "ids"),
} satisfies Record<keyof OrchestratorOptions, Check>);

/** Throws OPTIONS_INVALID with every problem there is. */
export function resolveOptions(options: OrchestratorOptions): ResolvedOptions {
  const problems = new Problems();
  check(options, "$", problems);
  const { retry: ownRetry = {}, timeout: ownTimeout = {} } = isRecord(options) ? options : {};
  const retry = retryOf(ownRetry, "$.retry", problems);
  const timeout = timeoutOf(ownTimeout, "$.timeout", problems);
  if (problems.any) {
    const lines = problems.list().map(({ path, message }) => `  ${path}: ${message}`);
    throw new TuttiError("OPTIONS_INVALID", { problems: lines.join("\n") });
  }
  const ms = (value: Duration | undefined, standard: number): number => parseDuration(value) ?? standard;
  const parallel = options.enableParallelExecution ?? DEFAULTS.enableParallelExecution;
  return {
    store: options.store ?? DEFAULTS.store,
    agents: options.agents ?? [],
    workflows: options.workflows ?? [],
    maxConcurrentRuns: options.maxConcurrentRuns ?? DEFAULTS.maxConcurrentRuns,
    maxConcurrentTasks: parallel ? (options.maxConcurrentTasks ?? DEFAULTS.maxConcurrentTasks) : 1,
    retry: { ...DEFAULTS.retry, ...retry },
    timeout: { ...DEFAULTS.timeout, ...timeout },
    runTimeoutMs: ms(options.runTimeout, DEFAULTS.runTimeoutMs),
    progressIntervalMs: options.progressIntervalMs ?? DEFAULTS.progressIntervalMs,
    maxResultBytes: options.maxResultBytes ?? DEFAULTS.maxResultBytes,
    abortGraceMs: ms(options.abortGrace, DEFAULTS.abortGraceMs),
    shutdownGraceMs: ms(options.shutdownGrace, DEFAULTS.shutdownGraceMs),
    secrets: options.secrets ?? {},
    report: options.report ?? ((line) => void process.stderr.write(`tutti: ${line}\n`)),
    clock: options.clock ?? systemClock,
    ids: options.ids ?? systemIds,
  };
}
