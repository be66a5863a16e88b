import type { AgentCard } from "../agent/card.ts";
import type { Context } from "../agent/context.ts";
import type { Agent } from "../agent/define.ts";
import type { Executor } from "../executor/port.ts";
import type { Clock } from "../std/clock.ts";
import type { Store } from "../store/port.ts";
import type { CodeTables } from "./code.ts";

/** What the engine is made of: everything that touches the world, handed in once. */
export interface EngineParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly code: CodeTables;
  /** In the order of their registration. */
  readonly agents: readonly { readonly card: AgentCard; readonly executor: Executor }[];
  /** The executor of inline code. */
  readonly inline: (run: (input: never, context: Context) => unknown) => Executor;
  /** How an agent that a document brings along is reached. */
  readonly reach: (agent: Agent) => { readonly card: AgentCard; readonly executor: Executor };
  /** `secret://NAME` in what an owner wrote, as JSON text. Throws for an unknown one. */
  readonly resolveSecrets: (json: string) => string;
  /** Confirms that nothing of an engine that died on this store still runs. */
  readonly reap: () => Promise<void>;
  /** One line for the operator. */
  readonly report: (line: string) => void;
  readonly limits: EngineLimits;
}

export interface EngineLimits {
  readonly maxConcurrentRuns: number;
  readonly maxConcurrentTasks: number;
  readonly maxResultBytes: number;
  readonly abortGraceMs: number;
  readonly shutdownGraceMs: number;
  readonly evaluateMs: number;
  readonly logLinesPerAttempt: number;
  readonly logBytesPerAttempt: number;
}
