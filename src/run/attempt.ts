/** What follows when an attempt fails: another try, its handler, or the step's end. */
import type { Failure } from "../errors.ts";
import { hash32 } from "../std/random.ts";
import { retryWaitMs } from "../task/retry.ts";
import type { HandlerChoice, RetryPolicy } from "../workflow/definition.ts";
import { isCode } from "../workflow/definition.ts";
import type { Answer } from "./commands.ts";
import type { Instance, Run } from "./state.ts";
import type { Turn } from "./turn.ts";

export function attemptFailed(turn: Turn, instance: Instance, failure: Failure, final: boolean): void {
  if (turn.isUnwanted(instance)) {
    if (failure.kind === "cancelled") turn.end(instance, "step.cancelled", {});
    else turn.end(instance, "step.failed", { error: failure });
    return;
  }
  const policy = retryPolicyOf(turn.run, instance);
  const used = instance.attempts - instance.spent;
  const waitMs = final ? undefined : retryWaitMs(policy, failure, used, jitter(turn.run, instance));
  if (waitMs === undefined) return giveUp(turn, instance, failure);
  turn.emitStep(instance, "step.retrying", { error: failure, retryAt: turn.now + waitMs });
  turn.ask(instance.index);
}

/** No more attempts: the handler for this kind decides, the step's own before the workflow's. Without one it fails. */
export function giveUp(turn: Turn, instance: Instance, failure: Failure): void {
  const handler = instance.step.step.onError?.[failure.kind] ?? turn.run.pinned.definition.onError?.[failure.kind];
  if (handler === undefined) return turn.end(instance, "step.failed", { error: failure });
  turn.emitStep(instance, "step.errored", { error: failure });
  if (isCode(handler)) turn.ask(instance.index);
  else handled(turn, turn.run.instances.at(instance.index), handler);
}

export function handlerAnswered(turn: Turn, instance: Instance, answer: Answer): void {
  if ("choice" in answer) return handled(turn, instance, answer.choice);
  if (!("failure" in answer)) return;
  const message = `its error handler failed: ${answer.failure.message}`;
  const error = { ...answer.failure, message, ...(instance.error && { cause: instance.error }) };
  turn.end(instance, "step.failed", { error });
}

function handled(turn: Turn, instance: Instance, choice: HandlerChoice): void {
  const error = instance.error ?? { kind: "agent_error", message: "failed" };
  if (choice === "skip") return turn.end(instance, "step.skipped", { reason: "handled" });
  if (choice === "fail" || !mayGoOn(turn.run, instance, choice)) return turn.end(instance, "step.failed", { error });
  turn.emitStep(instance, "step.handled", { choice });
  turn.ask(instance.index);
}

/** Rounds are bounded, the same fallback is taken once, and a scope that was open is not opened again. */
function mayGoOn(run: Run, instance: Instance, choice: Exclude<HandlerChoice, "skip" | "fail">): boolean {
  if (instance.opened || instance.rounds >= run.options.maxHandlerRounds) return false;
  return choice === "retry" || JSON.stringify(choice.fallback) !== JSON.stringify(instance.fallback);
}

function retryPolicyOf(run: Run, instance: Instance): RetryPolicy {
  return { ...run.options.retry, ...run.pinned.definition.retry, ...instance.step.step.retry };
}

/** In [0, 1), the same on every replay. */
function jitter(run: Run, instance: Instance): number {
  return hash32(`${run.id}/${run.branch}/${instance.path}/${instance.attempts}`) / 2 ** 32;
}
