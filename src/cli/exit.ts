/** The exit codes scripts rely on, and what each error and each status comes to. */
import type { ErrorCode } from "../errors.ts";
import type { StopSignal } from "../host/terminal.ts";
import type { RunStatus } from "../run/state.ts";

export const EXIT = {
  done: 0,
  failure: 1,
  usage: 2,
  invalid: 3,
  notFound: 5,
  conflict: 6,
  store: 7,
  timedOut: 8,
  runFailed: 10,
  runCancelled: 11,
  runWaits: 12,
  runStranded: 13,
} as const;

const OF_ERROR: Readonly<Record<ErrorCode, number>> = {
  DEFINITION_INVALID: EXIT.invalid,
  INPUT_INVALID: EXIT.invalid,
  OPTIONS_INVALID: EXIT.invalid,
  AGENT_INVALID: EXIT.invalid,
  WORKFLOW_UNKNOWN: EXIT.notFound,
  WORKFLOW_CONFLICT: EXIT.conflict,
  CODE_UNKNOWN: EXIT.invalid,
  FILE_UNREADABLE: EXIT.invalid,
  MODULE_UNUSABLE: EXIT.invalid,
  RUN_UNKNOWN: EXIT.notFound,
  RUN_EXISTS: EXIT.conflict,
  RUN_ENDED: EXIT.conflict,
  RUN_STATE: EXIT.conflict,
  RUN_FAILED: EXIT.runFailed,
  RUN_CANCELLED: EXIT.runCancelled,
  RUN_DAMAGED: EXIT.failure,
  STALE_ATTEMPT: EXIT.conflict,
  RESULT_INVALID: EXIT.failure,
  RESULT_TOO_LARGE: EXIT.failure,
  LIMIT_REACHED: EXIT.failure,
  SECRET_UNKNOWN: EXIT.runFailed,
  STORE_LOCKED: EXIT.store,
  STORE_UNUSABLE: EXIT.store,
  CLOSED: EXIT.store,
};

export function exitOfError(code: ErrorCode): number {
  return OF_ERROR[code];
}

/** Of a run that nobody waits for any longer. One that is still going by then was not waited for long enough. */
const OF_STATUS: Readonly<Record<RunStatus, number>> = {
  completed: EXIT.done,
  failed: EXIT.runFailed,
  compensated: EXIT.runFailed,
  compensation_failed: EXIT.runFailed,
  cancelled: EXIT.runCancelled,
  waiting: EXIT.runWaits,
  paused: EXIT.runWaits,
  stranded: EXIT.runStranded,
  pending: EXIT.timedOut,
  running: EXIT.timedOut,
  cancelling: EXIT.timedOut,
  compensating: EXIT.timedOut,
};

export function exitOfStatus(status: RunStatus): number {
  return OF_STATUS[status];
}

export function exitOfSignal(signal: StopSignal): number {
  return signal === "SIGINT" ? 130 : 143;
}
