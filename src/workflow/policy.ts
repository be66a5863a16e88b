import { DEFAULT_MAX_CONCURRENCY } from "../agent/card.ts";
import type { ErrorKind } from "../errors.ts";
import type { RetryPolicy, Timeouts } from "./definition.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Every default of Tutti, in one table. Options of the orchestrator, a workflow, a step or an agent change them; what
 * has no option is a bound. `docs/defaults.md` shows it.
 */
export const DEFAULTS = {
  /** Where the store is, from the working directory. The folder is made if it is not there. */
  store: ".tutti/tutti.db",
  retry: {
    /** Executions in all, the first included. */
    maximumAttempts: 3,
    /** The ceiling of the first wait; the wait itself is anything below it (full jitter). */
    initialIntervalMs: 1_000,
    /** What each ceiling is multiplied by for the next. */
    backoffCoefficient: 2,
    /** No wait is longer, unless a rate limit asks for it. */
    maximumIntervalMs: MINUTE,
    /** The kinds another try can mend. `validation_error`, `critical_error`, `budget_exceeded`, `cancelled` cannot. */
    retryOn: ["timeout", "connection_error", "rate_limit", "agent_error"] as readonly ErrorKind[],
  } satisfies RetryPolicy,
  timeout: {
    /** Waiting for an agent and a slot. A missing agent is a failure with its reason, not silence for ever. */
    scheduleToStartMs: HOUR,
    /** One attempt. */
    startToCloseMs: 5 * MINUTE,
    /** A step with all its attempts and the waits between them. */
    totalMs: 24 * HOUR,
  } satisfies Timeouts,
  /** A run, wall clock. */
  runTimeoutMs: 30 * 24 * HOUR,
  /** Runs that have begun and not ended; more wait as `pending`. */
  maxConcurrentRuns: 1_000,
  /** Attempts under way, over all runs: what one machine's agents can take. */
  maxConcurrentTasks: 64,
  /** `false`: one attempt at a time. */
  enableParallelExecution: true,
  /** Progress is told at most once in this time: five times a second is what an eye follows. */
  progressIntervalMs: 200,
  /** One agent, unless its card says otherwise. */
  maxConcurrency: DEFAULT_MAX_CONCURRENCY,
  /** One result, as JSON in UTF-8; at most 100 MB. Larger things belong into a file, and its name into the result. */
  maxResultBytes: 16 * 1024 * 1024,
  /** Rounds a handler may grant by answering `retry`. */
  maxHandlerRounds: 3,
  /** Attempts lost to our own crashes before a task counts as poison. */
  maxRecoveries: 10,
  /** How long an aborted attempt may take to acknowledge before it is given up and listed. */
  abortGraceMs: 10_000,
  /** Process agents: from SIGINT to SIGTERM, and from SIGTERM to SIGKILL. */
  signalGraceMs: 2_000,
  /** How long running attempts may finish at a graceful shutdown before they are handed back. */
  shutdownGraceMs: 5_000,
  /** One condition, mapping, choice or handler. */
  evaluateMs: 10_000,
  /** Lines kept of one attempt's log; then it says that it is full. */
  logLinesPerAttempt: 1_000,
  /** And their characters. */
  logBytesPerAttempt: 256 * 1024,
} as const;
