/** The options of `createOrchestrator`: parsed and checked once, all problems at a time. Inside, nothing is optional. */
import { z } from "zod";
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
import { retryOf, timeoutOf } from "./workflow/options.ts";
import { DEFAULTS } from "./workflow/policy.ts";
import { Problems } from "./workflow/problems.ts";

z.config({ jitless: true });

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

const whole = z.number().int().min(1);
const ms = z.unknown().transform((value, context) => {
  const parsed = parseDuration(value);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: "custom",
    message: `expected milliseconds or a text such as "5m", not ${JSON.stringify(value)}`,
  });
  return z.NEVER;
});
const given = <T>(check: (value: unknown) => boolean, expected: string) =>
  z.custom<T>(check, { message: `expected ${expected}` });
const list = <T>(check: (value: unknown) => boolean, expected: string) => z.array(given<T>(check, expected));
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
const isFunction = (value: unknown): boolean => typeof value === "function";

const MAX_RESULT_BYTES = 100 * 1024 * 1024;

const SCHEMA = z.strictObject({
  store: z
    .union([z.string().min(1), given<Store>((value) => isObject(value) && "commit" in (value as object), "a store")])
    .default(".tutti/tutti.db"),
  agents: list<Agent>(isAgent, "what agent() returns").default([]),
  workflows: list<AnyWorkflow>(isObject, "a workflow").default([]),
  maxConcurrentRuns: whole.default(DEFAULTS.maxConcurrentRuns),
  maxConcurrentTasks: whole.default(DEFAULTS.maxConcurrentTasks),
  enableParallelExecution: z.boolean().default(DEFAULTS.enableParallelExecution),
  retry: z.unknown().optional(),
  timeout: z.unknown().optional(),
  runTimeout: ms.default(DEFAULTS.runTimeoutMs),
  progressIntervalMs: z.number().min(0).default(DEFAULTS.progressIntervalMs),
  maxResultBytes: whole.max(MAX_RESULT_BYTES).default(DEFAULTS.maxResultBytes),
  abortGrace: ms.default(DEFAULTS.abortGraceMs),
  shutdownGrace: ms.default(DEFAULTS.shutdownGraceMs),
  secrets: given<SecretSource>((value) => isObject(value) || isFunction(value), "a record or a function").default({}),
  report: given<(line: string) => void>(isFunction, "a function").default(
    () => (line: string) => process.stderr.write(`tutti: ${line}\n`),
  ),
  clock: given<Clock>(isObject, "a clock").default(systemClock),
  ids: given<Ids>(isObject, "ids").default(systemIds),
});

/** Throws OPTIONS_INVALID with every problem there is. */
export function resolveOptions(options: OrchestratorOptions): ResolvedOptions {
  const parsed = SCHEMA.safeParse(options);
  const problems = new Problems();
  for (const { path, message } of parsed.error?.issues ?? []) problems.add(["$", ...path].join("."), message);
  const retry = retryOf(options.retry ?? {}, "$.retry", problems);
  const timeout = timeoutOf(options.timeout ?? {}, "$.timeout", problems);
  if (!parsed.success || problems.count > 0) {
    const lines = problems.list().map(({ path, message }) => `  ${path}: ${message}`);
    throw new TuttiError("OPTIONS_INVALID", { problems: lines.join("\n") });
  }
  const { enableParallelExecution, runTimeout, abortGrace, shutdownGrace, ...rest } = parsed.data;
  return {
    ...rest,
    maxConcurrentTasks: enableParallelExecution ? rest.maxConcurrentTasks : 1,
    retry: { ...DEFAULTS.retry, ...retry },
    timeout: { ...DEFAULTS.timeout, ...timeout },
    runTimeoutMs: runTimeout,
    abortGraceMs: abortGrace,
    shutdownGraceMs: shutdownGrace,
  };
}
