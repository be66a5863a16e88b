/** Agents that do exactly what a script says, well or badly, and remember what they were asked. */
import type { Context } from "../agent/context.ts";
import type { Agent } from "../agent/define.ts";
import { agent } from "../agent/define.ts";
import type { ErrorKind } from "../errors.ts";
import { TaskError } from "../errors.ts";
import type { Clock } from "../std/clock.ts";
import { systemClock } from "../std/clock.ts";

/** What an agent does with one call. With nothing in it: answers `null` at once. */
export interface Reply {
  /** Waits so long first, ms on the clock. Without it, the answer is there synchronously. */
  readonly afterMs?: number;
  /** Reported before the wait, in order, 0..1. */
  readonly progress?: readonly number[];
  /** Logged before the wait, as `info`. */
  readonly logs?: readonly string[];
  /** The answer. */
  readonly returns?: unknown;
  /** A second answer right after the first, as from a promise that resolves twice. */
  readonly returnsAgain?: unknown;
  /** Fails with this kind, or with the whole of it. */
  readonly fails?: ErrorKind | Failing;
  /** Throws this, whatever it is. */
  readonly throws?: unknown;
  /** Waits for ever, or until it is told to stop. */
  readonly never?: true;
  /** Goes on when it is told to stop: a wait runs to its end and the answer comes late; `never` is never. */
  readonly ignoresAbort?: true;
}

export interface Failing {
  readonly kind: ErrorKind;
  readonly message?: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
}

/** One call an agent had. */
export interface Call {
  readonly input: unknown;
  readonly runId: string;
  readonly path: string;
  readonly attempt: number;
  readonly idempotencyKey: string;
  /** ms since 1970, by the agent's clock. */
  readonly at: number;
}

/** Replies in order, the last one for every call beyond; or what to reply, call by call (`calls` from 1). */
export type Script = readonly Reply[] | ((call: Call, calls: number) => Reply);

export interface ScriptedOptions {
  readonly id: string;
  readonly capabilities?: readonly string[];
  readonly version?: string;
  readonly tags?: readonly string[];
  readonly maxConcurrency?: number;
}

export interface Scripted extends Agent<unknown, unknown> {
  /** Every call so far, in order. */
  readonly calls: readonly Call[];
}

/**
 * An agent for tests. It waits on `clock`: give it the one the orchestrator has.
 *
 * ```ts
 * const clock = simulatedClock();
 * const pricer = scripted("pricer", [{ fails: "rate_limit" }, { returns: { price: 3 }, afterMs: 200 }], clock);
 * await using tutti = await createOrchestrator({ store: ":memory:", clock, agents: [pricer] });
 * // … start a run, then:
 * expect(pricer.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
 * ```
 */
export function scripted(who: string | ScriptedOptions, script: Script, clock: Clock = systemClock): Scripted {
  const calls: Call[] = [];
  const options = typeof who === "string" ? { id: who } : who;
  const made = agent({
    ...options,
    capabilities: options.capabilities ?? [],
    run: (input: unknown, context: Context) => {
      const { runId, path, attempt, idempotencyKey } = context;
      const call: Call = { input, runId, path, attempt, idempotencyKey, at: clock.now() };
      calls.push(call);
      const reply = typeof script === "function" ? script(call, calls.length) : script[calls.length - 1];
      return perform(reply ?? (script as readonly Reply[]).at(-1) ?? {}, context, clock);
    },
  });
  return { ...made, calls };
}

/** Does what the reply says. */
export function perform(reply: Reply, context: Context, clock: Clock): unknown {
  for (const ratio of reply.progress ?? []) context.progress(ratio);
  for (const line of reply.logs ?? []) context.log.info(line);
  const { afterMs, never, ignoresAbort } = reply;
  if (afterMs === undefined && !never) return answer(reply);
  return new Promise((resolve, reject) => {
    const { signal } = ignoresAbort ? {} : context;
    const stop = (): void => {
      disarm?.();
      reject(signal?.reason);
    };
    const disarm = never
      ? undefined
      : clock.after(afterMs ?? 0, () => {
          signal?.removeEventListener("abort", stop);
          try {
            resolve(answer(reply));
          } catch (thrown) {
            reject(thrown);
          }
        });
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

function answer(reply: Reply): unknown {
  if ("throws" in reply) throw reply.throws;
  if (reply.fails !== undefined) throw failureFor(reply.fails);
  if (!("returnsAgain" in reply)) return reply.returns;
  const both = (resolve: (value: unknown) => void): void => {
    resolve(reply.returns);
    resolve(reply.returnsAgain);
  };
  // A thenable on purpose: what some wrappers of callbacks really are.
  return Object.fromEntries(new Map([["then", both]]));
}

function failureFor(fails: ErrorKind | Failing): TaskError {
  const { kind, message, code, retryAfterMs }: Failing = typeof fails === "string" ? { kind: fails } : fails;
  return new TaskError(kind, message ?? `scripted: ${kind}`, {
    ...(code !== undefined && { code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
