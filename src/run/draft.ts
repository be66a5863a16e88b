/**
 * Fresh copies, to be written on before anybody else sees them. Written out field by field: V8 then knows one shape
 * for all of them, while a spread of so many fields may make a new one each time (measured: 30 µs an event, not 2).
 */
import type { Instance, Run, Tally } from "./state.ts";

export type Draft<T> = { -readonly [K in keyof T]: T[K] };

export function draftRun(run: Run): Draft<Run> {
  return {
    id: run.id,
    workflow: run.workflow,
    pinned: run.pinned,
    options: run.options,
    branch: run.branch,
    seq: run.seq,
    input: run.input,
    variables: run.variables,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    paused: run.paused,
    stopping: run.stopping,
    stranded: run.stranded,
    end: run.end,
    output: run.output,
    error: run.error,
    partial: run.partial,
    inconsistent: run.inconsistent,
    instances: run.instances,
    tally: run.tally,
    open: run.open,
  };
}

export function draftInstance(instance: Instance): Draft<Instance> {
  return {
    index: instance.index,
    path: instance.path,
    step: instance.step,
    parent: instance.parent,
    base: instance.base,
    status: instance.status,
    needs: instance.needs,
    attempts: instance.attempts,
    recoveries: instance.recoveries,
    epoch: instance.epoch,
    readyAt: instance.readyAt,
    startedAt: instance.startedAt,
    endedAt: instance.endedAt,
    endedSeq: instance.endedSeq,
    retryAt: instance.retryAt,
    agent: instance.agent,
    why: instance.why,
    inputHash: instance.inputHash,
    output: instance.output,
    error: instance.error,
    reason: instance.reason,
    admitted: instance.admitted,
    errored: instance.errored,
    rounds: instance.rounds,
    spent: instance.spent,
    fallback: instance.fallback,
    undo: instance.undo,
    abandoned: instance.abandoned,
    opened: instance.opened,
  };
}

export function draftTally(tally: Tally): Draft<Tally> {
  return {
    pending: tally.pending,
    ready: tally.ready,
    running: tally.running,
    retrying: tally.retrying,
    waiting: tally.waiting,
    unknown: tally.unknown,
    completed: tally.completed,
    failed: tally.failed,
    skipped: tally.skipped,
    cancelled: tally.cancelled,
  };
}
