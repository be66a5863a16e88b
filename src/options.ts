/** The options of `createOrchestrator`: parsed and checked once, all problems at a time. Inside, nothing is optional. */
import { z } from "zod";
import type { Agent } from "./agent/define.ts";
import { isAgent } from "./agent/define.ts";
import { TuttiError } from "./errors.ts";
import type { SecretSource } from "./host/secrets.ts";
import type { Clock } from "./std/clock.ts";
import { systemClock } from "./std/clock.ts";
import type { Duration } from "./std/duration.ts";
import { parseDuration } from "./std/duration.ts";
import type { Ids } from "./std/ids.ts";
import { systemIds } from "./std/ids.ts";
import type { Store } from "./store/port.ts";
import type { RetryOptions, TimeoutOptions } from "./workflow/builder.ts";
import type { RetryPolicy, Timeouts, WorkflowDefinition } from "./workflow/definition.ts";
import { DEFAULTS } from "./workflow/policy.ts";
import type { Workflow } from "./workflow/types.ts";

z.config({ jitless: true });

/** Every one may be left out; the defaults are those of the table `DEFAULTS`. */
export interface OrchestratorOptions {
  /** A file (made if it is not there), `:memory:`, or a store that is open. Default `.tutti/tutti.db`. */
  readonly store?: string | Store;
  readonly agents?: readonly Agent[];
  /** Known by id, and known after a restart: a run whose code is not here waits, stranded. */
  readonly workflows?: readonly (Workflow | WorkflowDefinition)[];
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
  readonly workflows: readonly (Workflow | WorkflowDefinition)[];
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
