import { isUtf8 } from "node:buffer";
import { MAX_DEPTH } from "../../std/json.ts";
import { failed, outcomeOf, refused } from "../outcome.ts";
import type { Outcome } from "../port.ts";

const SHOWN_CHARACTERS = 200;

/** What a program printed, as the result: one JSON document in UTF-8, encoded anew; nothing at all is `null`. */
export function readDocument(bytes: Buffer, maxResultBytes: number, redact: (text: string) => string): Outcome {
  if (!isUtf8(bytes)) return notJson("it is not UTF-8");
  const text = bytes.toString("utf8");
  // Before parsing: millions of brackets are few bytes on a pipe and gigabytes in memory.
  if (nestsDeeper(text, MAX_DEPTH))
    return refused("RESULT_INVALID", { path: "$", problem: `nesting over ${MAX_DEPTH}` });
  if (text.trim() === "") return { ok: true, json: "null" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Redacted before it is cut: half a secret would not be known again.
    const start = redact(text.slice(0, 100 * SHOWN_CHARACTERS))
      .slice(0, SHOWN_CHARACTERS)
      .toWellFormed();
    return notJson(`it begins with ${JSON.stringify(start)}`);
  }
  return outcomeOf(value, maxResultBytes);
}

function notJson(why: string): Outcome {
  return failed({
    kind: "validation_error",
    code: "RESULT_INVALID",
    message: `Stdout is not one JSON document: ${why}.`,
  });
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > limit) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  return false;
}

/** The position of the quote that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) i++;
  }
  return text.length;
}
