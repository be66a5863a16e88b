import type { Json } from "./std/json.ts";

/** What went wrong with a task, in the words a retry policy and a handler use. */
export const ERROR_KINDS = [
  "timeout",
  "connection_error",
  "rate_limit",
  "agent_error",
  "validation_error",
  "critical_error",
  "budget_exceeded",
  "cancelled",
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** What the caller does next: try again, give up, nothing (it was asked for), or mend the request. */
export type Disposition = "retryable" | "terminal" | "cancelled" | "rejected";

interface CatalogueEntry {
  readonly disposition: Disposition;
  readonly message: (data: Readonly<Record<string, unknown>>) => string;
}

/**
 * Every error Tutti itself raises. One table, so that the messages are read as a set; each transport adds a
 * total map from these codes (HTTP status, exit code). `docs/errors.md` lists the same codes (a test holds both).
 */
export const CATALOGUE = {
  DEFINITION_INVALID: {
    disposition: "rejected",
    message: (d) => `The workflow ${d.workflow} is not valid:\n${d.problems}`,
  },
  INPUT_INVALID: {
    disposition: "rejected",
    message: (d) => `The input of workflow ${d.workflow} is not valid:\n${d.problems}`,
  },
  OPTIONS_INVALID: { disposition: "rejected", message: (d) => `The options are not valid:\n${d.problems}` },
  AGENT_INVALID: { disposition: "rejected", message: (d) => `The agent ${d.agent} is not valid: ${d.problem}` },
  WORKFLOW_UNKNOWN: {
    disposition: "rejected",
    message: (d) =>
      `There is no workflow ${d.workflow}. Give the workflow itself, or register it in createOrchestrator({ workflows }).`,
  },
  WORKFLOW_CONFLICT: {
    disposition: "rejected",
    message: (d) =>
      `There is another workflow ${d.workflow} in this process, with other steps. Give one of them another id or version.`,
  },
  CODE_UNKNOWN: {
    disposition: "rejected",
    message: (d) =>
      `Workflow ${d.workflow} names code that this process has not: ${d.names}. Register the workflow itself.`,
  },
  FILE_UNREADABLE: { disposition: "rejected", message: (d) => `The file ${d.file} cannot be read: ${d.problem}.` },
  MODULE_UNUSABLE: {
    disposition: "rejected",
    message: (d) => `Workflow ${d.workflow} names code that cannot be used:\n${d.problems}`,
  },
  RUN_UNKNOWN: { disposition: "rejected", message: (d) => `There is no run ${d.run} in this store.` },
  RUN_EXISTS: {
    disposition: "rejected",
    message: (d) =>
      `Run ${d.run} exists with ${d.differs}. Choose another run id, or start it with what it was started with.`,
  },
  RUN_ENDED: {
    disposition: "rejected",
    message: (d) => `Run ${d.run} has already ended (${d.status}); it cannot ${d.verb}.`,
  },
  RUN_STATE: { disposition: "rejected", message: (d) => `Run ${d.run} is ${d.status}; it cannot ${d.verb}.` },
  RUN_FAILED: { disposition: "terminal", message: (d) => `Run ${d.run} failed at ${d.path}: ${d.problem}` },
  RUN_CANCELLED: {
    disposition: "cancelled",
    message: (d) => `Run ${d.run} was cancelled${d.reason ? `: ${d.reason}` : ""}.`,
  },
  RUN_DAMAGED: {
    disposition: "terminal",
    message: (d) => `Run ${d.run} is damaged: ${d.problem}. It is left as it is; other runs are not affected.`,
  },
  STALE_ATTEMPT: {
    disposition: "rejected",
    message: (d) =>
      `Attempt ${d.attempt} (epoch ${d.epoch}) of ${d.path} in run ${d.run} is not the current one; the step is ${d.status}.`,
  },
  RESULT_INVALID: { disposition: "terminal", message: (d) => `The result is not JSON at ${d.path}: ${d.problem}.` },
  RESULT_TOO_LARGE: {
    disposition: "terminal",
    message: (d) =>
      `The result has ${d.size} bytes, more than maxResultBytes (${d.limit}). Return less, or a reference to it.`,
  },
  LIMIT_REACHED: {
    disposition: "retryable",
    message: (d) => `${d.what} is at its limit of ${d.limit}. Try again later.`,
  },
  SECRET_UNKNOWN: {
    disposition: "terminal",
    message: (d) =>
      `There is no secret ${d.name}. Set TUTTI_SECRET_${d.name}, or give it in createOrchestrator({ secrets }).`,
  },
  STORE_LOCKED: {
    disposition: "rejected",
    message: (d) =>
      `The store ${d.store} has another owner${d.pid ? ` (pid ${d.pid}${d.socket ? `, socket ${d.socket}` : ""})` : ""}. One process at a time may open it for work.`,
  },
  STORE_UNUSABLE: { disposition: "terminal", message: (d) => `The store ${d.store} cannot be used: ${d.problem}` },
  CLOSED: { disposition: "rejected", message: (d) => `This ${d.what} is closed.` },
} satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** An error from the catalogue. `data` is what its message was made of. */
export class TuttiError extends Error {
  override name = "TuttiError";
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, data: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    const entry: CatalogueEntry = CATALOGUE[code];
    super(entry.message(data), options);
    this.code = code;
    this.data = data;
  }

  get disposition(): Disposition {
    return CATALOGUE[this.code].disposition;
  }
}

/** Thrown by an agent to say what kind of failure this is; a plain Error is an `agent_error`. */
export class TaskError extends Error {
  override name = "TaskError";
  readonly kind: ErrorKind;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options?: ErrorOptions & { readonly code?: string; readonly retryAfterMs?: number },
  ) {
    super(message, options);
    this.kind = kind;
    this.code = options?.code;
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** An error as data: what the journal keeps and the API shows. */
export interface Failure {
  readonly kind: ErrorKind;
  readonly message: string;
  /** A code from the catalogue or the agent's own. */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: Failure;
  /** What a `rate_limit` asked us to wait. */
  readonly retryAfterMs?: number;
  /** The step it came from, where the failure was passed up. */
  readonly path?: string;
  readonly data?: Json;
}

const TEXT_LIMIT = 8_192;
const CAUSE_LIMIT = 8;

/** Whatever was thrown, as a bounded Failure. */
export function toFailure(thrown: unknown, kind: ErrorKind = "agent_error", depth = 0): Failure {
  if (!(thrown instanceof Error)) return { kind, message: cut(typeof thrown === "string" ? thrown : describe(thrown)) };
  const own = isTaskError(thrown) ? thrown : undefined;
  const code = own?.code ?? (thrown instanceof TuttiError ? thrown.code : undefined);
  return {
    kind: own?.kind ?? kind,
    message: cut(thrown.message || thrown.name),
    ...(code === undefined ? {} : { code }),
    ...(thrown.stack === undefined ? {} : { stack: cut(thrown.stack) }),
    ...(own?.retryAfterMs === undefined ? {} : { retryAfterMs: own.retryAfterMs }),
    ...(thrown.cause === undefined || depth >= CAUSE_LIMIT ? {} : { cause: toFailure(thrown.cause, kind, depth + 1) }),
  };
}

/** By what it says of itself: a module may have another copy of this package, or none. */
function isTaskError(thrown: Error): thrown is TaskError {
  return thrown.name === "TaskError" && "kind" in thrown && ERROR_KINDS.some((kind) => kind === thrown.kind);
}

function describe(thrown: unknown): string {
  try {
    return `thrown: ${JSON.stringify(thrown) ?? String(thrown)}`;
  } catch {
    return "thrown: a value that cannot be shown";
  }
}

function cut(text: string): string {
  return text.length <= TEXT_LIMIT
    ? text.toWellFormed()
    : `${text.slice(0, TEXT_LIMIT).toWellFormed()}… (${text.length} characters)`;
}
