/** What an event makes of the instance it names. Its dependants, its scope and the counts are `evolve`'s. */
import { unreachable } from "../std/invariant.ts";
import type { EventType, RunEvent, StepEventType } from "./events.ts";
import type { Instance } from "./state.ts";

export type EventOf<T extends EventType> = Extract<RunEvent, { type: T }>;
export type StepEvent = EventOf<StepEventType>;
export type EndEvent = EventOf<"step.completed" | "step.failed" | "step.skipped" | "step.cancelled">;
/** A scope's opening changes more than itself. */
export type ChangeEvent = Exclude<StepEvent, EndEvent | EventOf<"step.opened">>;

/** The instance after an event that does not end it. */
export function changedBy(old: Instance, event: ChangeEvent): Instance {
  const { at } = event;
  switch (event.type) {
    case "step.evaluated":
      return { ...old, admitted: true };
    case "step.started":
      return {
        ...old,
        status: "running",
        attempts: event.attempt ?? old.attempts + 1,
        epoch: event.epoch ?? old.epoch + 1,
        startedAt: old.startedAt ?? at,
        retryAt: undefined,
        agent: event.data.agent,
        why: event.data.why,
        inputHash: event.data.inputHash,
        undo: event.data.undo ? "registered" : old.undo,
      };
    case "step.released": {
      const recoveries = old.recoveries + (event.data.reason === "lost" ? 1 : 0);
      return { ...old, status: "ready", readyAt: at, attempts: old.attempts - 1, recoveries };
    }
    case "step.retrying":
      return { ...old, status: "retrying", error: event.data.error, retryAt: event.data.retryAt };
    case "step.errored":
      return { ...old, status: "waiting", error: event.data.error, errored: true };
    case "step.handled": {
      const { choice } = event.data;
      const fallback = typeof choice === "object" ? choice.fallback : old.fallback;
      const granted = { errored: false, retryAt: undefined, rounds: old.rounds + 1, spent: old.attempts, fallback };
      return { ...old, ...granted, status: "ready", readyAt: at };
    }
    default:
      return unreachable(event);
  }
}

/** The instance as it ended. */
export function endedBy(old: Instance, event: EndEvent): Instance {
  const { at: endedAt, seq: endedSeq } = event;
  switch (event.type) {
    case "step.completed":
      return { ...old, status: "completed", endedAt, endedSeq, output: event.data.output, error: undefined };
    case "step.failed": {
      const { error } = event.data;
      return { ...old, status: "failed", endedAt, endedSeq, error, retryAt: undefined, errored: false };
    }
    case "step.skipped": {
      const { reason } = event.data;
      return { ...old, status: "skipped", endedAt, endedSeq, reason, retryAt: undefined, errored: false };
    }
    case "step.cancelled": {
      const { abandoned = false } = event.data;
      return { ...old, status: "cancelled", endedAt, endedSeq, abandoned, retryAt: undefined, errored: false };
    }
    default:
      return unreachable(event);
  }
}
