/**
 * Every consequence of a decision to its end (D4): skips first, then scopes with nothing left open, then the run.
 * Only then whoever waits for somebody asks: once, and for what the run has really come to.
 */
import { giveUp } from "./attempt.ts";
import { awaitedBy, isEnded } from "./instance.ts";
import type { Instance } from "./state.ts";
import type { Turn } from "./turn.ts";

export function settle(turn: Turn): void {
  for (;;) {
    const skip = turn.skips.pop();
    if (skip) {
      const instance = turn.run.instances.at(skip.index);
      if (instance.status === "pending") turn.end(instance, "step.skipped", { reason: skip.reason });
      continue;
    }
    const scope = turn.scopes.pop();
    if (scope === undefined) break;
    if (scope === -1) finish(turn);
    else close(turn, turn.run.instances.at(scope));
  }
  if (turn.run.end !== undefined || turn.run.stranded) return;
  const { asks } = turn;
  for (const index of asks.length > 1 ? new Set(asks) : asks) ask(turn, index);
}

/** A scope with nothing open inside ends: as its first uncaught failure, or with its output. */
function close(turn: Turn, scope: Instance): void {
  if (!scope.opened || scope.opened.open > 0 || isEnded(scope.status)) return;
  if (turn.isUnwanted(scope)) turn.end(scope, "step.cancelled", {});
  else if (scope.errored) return;
  else if (scope.opened.failure) giveUp(turn, scope, scope.opened.failure);
  else turn.ask(scope.index);
}

function finish(turn: Turn): void {
  const { run } = turn;
  if (run.open > 0 || run.end !== undefined) return;
  if (run.stopping?.end === "cancelled") {
    const { reason } = run.stopping;
    turn.emit("run.cancelled", reason === undefined ? {} : { reason });
  } else if (run.error && (run.stopping || run.pinned.definition.onFailure !== "partial")) {
    turn.emit("run.failed", { error: run.error });
  } else return turn.ask(-1);
  turn.effect({ type: "ended" });
}

function ask(turn: Turn, index: number): void {
  if (index === -1) return turn.effect({ type: "evaluate", instance: index, role: "output" });
  const instance = turn.run.instances.at(index);
  const role = awaitedBy(instance);
  if (role === undefined) return;
  if (role !== "agent") return turn.effect({ type: "evaluate", instance: index, role });
  const { step } = instance.step;
  const selector = instance.fallback ?? (step.kind === "task" ? step.agent : undefined);
  turn.effect({ type: "offer", instance: index, at: instance.retryAt ?? turn.now, selector });
}
