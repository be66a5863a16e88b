/** What a client may ask, read at the edge: how long a line may be, and what must be in it. */
import { TuttiError } from "../../errors.ts";
import type { StartOptions } from "../../facets/runs.ts";
import type { WorkflowFile } from "../../host/document.ts";
import type { RunFilter } from "../../run/runtime.ts";
import { RUN_STATUSES } from "../../run/state.ts";
import type { Json } from "../../std/json.ts";
import { type Check, elsewhere, isRecord, listOf, object, oneOf, text, within } from "../../workflow/check.ts";
import { PRIORITIES } from "../../workflow/definition.ts";
import { Problems, show } from "../../workflow/problems.ts";
import { WINDOW } from "./protocol.ts";

const MB = 1024 * 1024;
export const LINE_BYTES = MB;
/** A definition (64 MB of canonical JSON) and its input. */
const START_BYTES = 80 * MB;
const START = /^\{"id":\d{1,15},"verb":"start",/;

/** How long a request may be that begins so. */
export function limitOf(head: Buffer): number {
  return START.test(head.toString("latin1", 0, 64)) ? START_BYTES : LINE_BYTES;
}

const COMMANDS = ["pause", "resume", "cancel", "kill"] as const;
/** What a person may tell a run. */
export type Verb = (typeof COMMANDS)[number];

/** Requests with one answer. */
interface Questions {
  readonly start: { file: WorkflowFile; input: Json; options: StartOptions & { readonly runId: string } };
  readonly post: { run: string; command: Verb; reason?: string };
  readonly get: { run: string };
  readonly list: { filter: RunFilter };
  readonly logs: { run: string; path?: string };
}

interface Requests extends Questions {
  readonly events: { run: string; fromSeq: number };
  readonly progress: { run: string };
  /** So many items of this stream have been taken. */
  readonly more: { stream: number; count: number };
  readonly end: { stream: number };
}

/** Without its id. */

export type Ask = { [V in keyof Requests]: { readonly verb: V } & Readonly<Requests[V]> }[keyof Requests];
export type Request = Ask & { readonly id: number };
export type Question = Extract<Request, { readonly verb: keyof Questions }>;

const whole = within(0, Number.MAX_SAFE_INTEGER, "whole");
const line = text(LINE_BYTES);
const record: Check = (value, path, problems) => {
  if (!isRecord(value)) problems.add(path, `expected an object, not ${show(value)}`);
};
const own = { id: within(1, Number.MAX_SAFE_INTEGER, "whole"), verb: elsewhere };
const members = (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  object({ ...own, ...required, ...optional }, [...Object.keys(own), ...Object.keys(required)]);
const each = (check: Check): Check => {
  const some = listOf(check);
  return (value, path, problems) => {
    if (!Array.isArray(value) || value.length > 0) some(value, path, problems);
  };
};

const CHECKS: Readonly<Record<keyof Requests, Check>> = {
  start: members({
    file: object({ definition: record, file: line, folder: line }, ["definition", "file", "folder"]),
    input: elsewhere,
    options: object(
      {
        runId: line,
        priority: oneOf([...PRIORITIES, "urgent", "medium"]),
        tags: each(line),
        metadata: record,
        variables: record,
      },
      ["runId"],
    ),
  }),
  post: members({ run: line, command: oneOf(COMMANDS) }, { reason: line }),
  get: members({ run: line }),
  list: members({
    filter: object({
      status: each(oneOf(RUN_STATUSES)),
      workflow: line,
      tag: line,
      limit: within(1, 1_000, "whole"),
      cursor: line,
    }),
  }),
  logs: members({ run: line }, { path: line }),
  events: members({ run: line, fromSeq: whole }),
  progress: members({ run: line }),
  more: members({ stream: whole, count: within(1, WINDOW, "whole") }),
  end: members({ stream: whole }),
};
const verbOf = oneOf(Object.keys(CHECKS));

/** Throws OPTIONS_INVALID. */
export function readRequest(written: string): Request {
  const problems = new Problems();
  const request = parse(written);
  const verb = isRecord(request) ? request["verb"] : undefined;
  if (typeof verb === "string" && Object.hasOwn(CHECKS, verb)) CHECKS[verb as keyof Requests](request, "$", problems);
  else verbOf(verb, "$.verb", problems);
  if (!problems.any) return request as Request;
  const list = problems.list().map(({ path, message }) => `  ${path}: ${message}`);
  throw new TuttiError("OPTIONS_INVALID", { problems: list.join("\n") });
}

function parse(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    throw new TuttiError("OPTIONS_INVALID", { problems: "  a request is one JSON object on a line of its own" });
  }
}
