/** Attempts under way: begun once durable, told to stop, timed, listened to; each ends in exactly one command. */
import { createHash } from "node:crypto";
import type { Failure } from "../errors.ts";
import { TaskError, TuttiError } from "../errors.ts";
import type { Attempt } from "../executor/port.ts";
import type { Token } from "../run/commands.ts";
import type { Run } from "../run/state.ts";
import type { AttemptProgress } from "../run/runtime.ts";
import type { LogLine } from "../task/log.ts";
import type { Seat } from "../task/order.ts";
import type { Timeouts } from "../workflow/definition.ts";

export type AbortWhy = "cancel" | "kill" | "timeout" | "total" | "shutdown";

/** The run an attempt belongs to, as far as the attempt knows it. */
interface Owner {
  readonly id: string;
  readonly run: Run;
}

export interface LiveParts<O extends Owner> {
  readonly cell: O;
  readonly token: Token;
  readonly path: string;
  readonly input: string;
  readonly seat: Seat | undefined;
  readonly namespace: string;
  readonly timeouts: Timeouts;
  readonly limits: { readonly maxResultBytes: number; readonly logLines: number; readonly logBytes: number };
  readonly now: () => number;
  readonly onProgress: () => void;
  readonly onLog: (line: LogLine) => void;
}

/** One attempt as its executor sees it. Key and signal are made on first use: most work asks for neither. */
export class LiveAttempt<O extends Owner = Owner> implements Attempt {
  readonly parts: LiveParts<O>;
  aborted: AbortWhy | undefined;
  /** Its outcome is posted (or it was given up): whatever comes after is not heard. */
  over = false;
  latest: AttemptProgress | undefined;
  private controller: AbortController | undefined;
  private lines = 0;
  private bytes = 0;

  constructor(parts: LiveParts<O>) {
    this.parts = parts;
  }

  get cell(): O {
    return this.parts.cell;
  }

  get token(): Token {
    return this.parts.token;
  }

  get seat(): Seat | undefined {
    return this.parts.seat;
  }

  get timeouts(): Timeouts {
    return this.parts.timeouts;
  }

  get runId(): string {
    return this.parts.cell.id;
  }

  get path(): string {
    return this.parts.path;
  }

  get attempt(): number {
    return this.parts.token.attempt;
  }

  get epoch(): number {
    return this.parts.token.epoch;
  }

  get input(): string {
    return this.parts.input;
  }

  get maxResultBytes(): number {
    return this.parts.limits.maxResultBytes;
  }

  get idempotencyKey(): string {
    const { cell, path, namespace } = this.parts;
    const digest = createHash("sha256")
      .update(JSON.stringify([namespace, cell.id, cell.run.branch, path]))
      .digest();
    return base32(digest);
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(reasonFor(this.aborted));
    }
    return this.controller.signal;
  }

  abort(why: AbortWhy): void {
    this.aborted ??= why;
    this.controller?.abort(reasonFor(this.aborted));
  }

  progress = (ratio: number, note?: string): void => {
    if (this.over || !Number.isFinite(ratio)) return;
    const { path, attempt } = this;
    this.latest = { path, attempt, ratio: Math.min(1, Math.max(0, ratio)), note: note?.slice(0, 500) };
    this.parts.onProgress();
  };

  log = (level: LogLine["level"], text: string): void => {
    const { limits, now, onLog } = this.parts;
    if (this.over || this.lines > limits.logLines || this.bytes > limits.logBytes) return;
    this.lines++;
    this.bytes += text.length;
    const full = this.lines > limits.logLines || this.bytes > limits.logBytes;
    const kept = full ? "(this attempt's log is full; what follows is not kept)" : text.toWellFormed();
    onLog({ path: this.path, attempt: this.attempt, at: now(), level: full ? "warn" : level, text: kept });
  };
}

function reasonFor(why: AbortWhy): Error {
  switch (why) {
    case "cancel":
    case "kill":
      return new TaskError("cancelled", "the run was cancelled");
    case "timeout":
    case "total":
      return new TaskError("timeout", "the time for this attempt is over");
    case "shutdown":
      return new TuttiError("CLOSED", { what: "engine" });
  }
}

export function timeoutFailure(why: "timeout" | "total", ms: number): Failure {
  return why === "timeout"
    ? { kind: "timeout", code: "START_TO_CLOSE", message: `no result within ${ms} ms` }
    : { kind: "timeout", code: "STEP_TOTAL", message: `not done within the ${ms} ms of the whole step` };
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31];
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}
