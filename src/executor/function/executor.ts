import type { Context } from "../../agent/context.ts";
import { toFailure } from "../../errors.ts";
import { abortKind, failed, outcomeOf } from "../outcome.ts";
import type { Attempt, Executor, Outcome } from "../port.ts";
import { AttemptContext } from "./context.ts";

/**
 * An agent that is a function in this process. It gets a fresh copy of its input; what it returns is copied as JSON
 * text. A function cannot be forced to stop: after an abort its promise is awaited all the same, and one that never
 * settles is the engine's to give up. What it throws after an abort is of the abort's kind, unless
 * it is a TaskError.
 */
export function functionExecutor(run: (input: never, ctx: Context) => unknown): Executor {
  return {
    restart: "lost",
    execute(attempt) {
      const ctx = new AttemptContext(attempt);
      try {
        const returned = run(JSON.parse(attempt.input) as never, ctx);
        return isThenable(returned) ? settle(returned, attempt, ctx) : end(returned, attempt, ctx);
      } catch (thrown) {
        return fail(thrown, attempt, ctx);
      }
    },
  };
}

async function settle(returned: PromiseLike<unknown>, attempt: Attempt, ctx: AttemptContext): Promise<Outcome> {
  try {
    return end(await returned, attempt, ctx);
  } catch (thrown) {
    return fail(thrown, attempt, ctx);
  }
}

function end(value: unknown, attempt: Attempt, ctx: AttemptContext): Outcome {
  ctx.close();
  return outcomeOf(value, attempt.maxResultBytes);
}

function fail(thrown: unknown, attempt: Attempt, ctx: AttemptContext): Outcome {
  ctx.close();
  return failed(toFailure(thrown, attempt.signal.aborted ? abortKind(attempt.signal) : "agent_error"));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
