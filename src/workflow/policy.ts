import { DEFAULT_MAX_CONCURRENCY } from "../agent/card.ts";
import type { ErrorKind } from "../errors.ts";
import type { RetryPolicy, Timeouts } from "./definition.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Every default of Tutti, in one table; each is a setting. `docs/defaults.md` shows it with the reasons.
 */
export const DEFAULTS = {
  retry: {
    maximumAttempts: 3,
    initialIntervalMs: 1_000,
    backoffCoefficient: 2,
    maximumIntervalMs: MINUTE,
    /** The kinds another try can mend. `validation_error`, `critical_error`, `budget_exceeded`, `cancelled` cannot. */
    retryOn: ["timeout", "connection_error", "rate_limit", "agent_error"] as readonly ErrorKind[],
  } satisfies RetryPolicy,
  timeout: { scheduleToStartMs: HOUR, startToCloseMs: 5 * MINUTE, totalMs: 24 * HOUR } satisfies Timeouts,
  /** A run, wall clock. */
  runTimeoutMs: 30 * 24 * HOUR,
  maxConcurrentRuns: 1_000,
  maxConcurrentTasks: 64,
  enableParallelExecution: true,
  progressIntervalMs: 200,
  /** One agent, unless its card says otherwise. */
  maxConcurrency: DEFAULT_MAX_CONCURRENCY,
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
  logLinesPerAttempt: 1_000,
  logBytesPerAttempt: 256 * 1024,
} as const;
