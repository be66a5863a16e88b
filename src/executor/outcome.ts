import { CATALOGUE, TaskError, type ErrorKind, type Failure } from "../errors.ts";
import { encodeJson } from "../std/json.ts";
import type { Outcome } from "./port.ts";

/** The outcome of an attempt that returned `value`: its JSON text, unless it has none or too much of it. */
export function outcomeOf(value: unknown, maxResultBytes: number): Outcome {
  const encoded = encodeJson(value);
  if ("error" in encoded) return refused("RESULT_INVALID", { ...encoded.error });
  const { json } = encoded;
  // A UTF-16 unit is one to three bytes of UTF-8: only texts in between need to be measured.
  const size = json.length * 3 <= maxResultBytes ? 0 : Buffer.byteLength(json);
  return size <= maxResultBytes ? { ok: true, json } : refused("RESULT_TOO_LARGE", { size, limit: maxResultBytes });
}

/** A result that cannot be taken. Trying again would not mend it, so the kind is one that is not retried. */
export function refused(code: "RESULT_INVALID" | "RESULT_TOO_LARGE", data: Record<string, string | number>): Outcome {
  return failed({ kind: "validation_error", code, message: CATALOGUE[code].message(data), data });
}

export function failed(failure: Failure): Outcome {
  return { ok: false, failure };
}

/** What a failure after an abort counts as: the abort's reason may say (a time-out), else it was asked for. */
export function abortKind(signal: AbortSignal): ErrorKind {
  return signal.reason instanceof TaskError ? signal.reason.kind : "cancelled";
}
