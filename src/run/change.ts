/** What an event makes of the instance it names. Its dependants, its scope and the counts are `evolve`'s. */
import { unreachable } from "../std/invariant.ts";
import { draftInstance } from "./draft.ts";
import type { Draft } from "./draft.ts";
import type { EventType, RunEvent, StepEventType } from "./events.ts";
import type { Instance } from "./state.ts";

export type EventOf<T extends EventType> = Extract<RunEvent, { type: T }>;
export type StepEvent = EventOf<StepEventType>;
export type EndEvent = EventOf<"step.completed" | "step.failed" | "step.skipped" | "step.cancelled">;
/** A scope's opening changes more than itself. */
export type ChangeEvent = Exclude<StepEvent, EndEvent | EventOf<"step.opened">>;

/** The instance after an event that does not end it. */
export function changedBy(old: Instance, event: ChangeEvent): Instance {
  const next = draftInstance(old);
  switch (event.type) {
    case "step.evaluated":
      next.admitted = true;
      return next;
    case "step.started":
      return start(next, event);
    case "step.released":
      next.status = "ready";
      next.attempts--;
      if (event.data.reason === "lost") next.recoveries++;
      return next;
    case "step.retrying":
      next.status = "retrying";
      next.error = event.data.error;
      next.retryAt = event.data.retryAt;
      return next;
    case "step.errored":
      next.status = "waiting";
      next.error = event.data.error;
      next.errored = true;
      next.retryAt = undefined;
      return next;
    case "step.handled":
      next.status = "ready";
      next.errored = false;
      next.rounds++;
      next.spent = next.attempts;
      if (typeof event.data.choice === "object") next.fallback = event.data.choice.fallback;
      return next;
    default:
      return unreachable(event);
  }
}

function start(next: Draft<Instance>, { at, attempt, epoch, data }: EventOf<"step.started">): Instance {
  next.status = "running";
  next.attempts = attempt ?? next.attempts + 1;
  next.epoch = epoch ?? next.epoch + 1;
  next.startedAt ??= at;
  next.retryAt = undefined;
  next.agent = data.agent;
  next.why = data.why;
  next.inputHash = data.inputHash;
  if (data.undo) next.undo = "registered";
  return next;
}

/** The instance as it ended. */
export function endedBy(old: Instance, event: EndEvent): Instance {
  const next = draftInstance(old);
  next.endedAt = event.at;
  next.endedSeq = event.seq;
  next.retryAt = undefined;
  next.errored = false;
  switch (event.type) {
    case "step.completed":
      next.status = "completed";
      next.output = event.data.output;
      next.error = undefined;
      return next;
    case "step.failed":
      next.status = "failed";
      next.error = event.data.error;
      return next;
    case "step.skipped":
      next.status = "skipped";
      next.reason = event.data.reason;
      return next;
    case "step.cancelled":
      next.status = "cancelled";
      next.abandoned = event.data.abandoned ?? false;
      return next;
    default:
      return unreachable(event);
  }
}
