/** From the paths of the canonical form, which `validate` speaks of, to those of the document that was written. */
import { memberPath } from "../../std/json.ts";
import { isRecord } from "../check.ts";
import { RETRY, TIMEOUT } from "../options.ts";
import { segmentsOf } from "./place.ts";

/** Canonical name → the names it may be written by, in the order in which they are looked for. */
const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  by: ["choose"],
  run: ["uses"],
  agent: ["type"],
  timeoutMs: ["timeout"],
  signalGraceMs: ["signalGrace"],
  capabilities: ["capability"],
  ...aliases(RETRY),
  ...aliases(TIMEOUT),
};

function aliases(names: typeof RETRY): Record<string, string[]> {
  const by: Record<string, string[]> = {};
  for (const [alias, { name }] of Object.entries(names)) (by[name] ??= []).push(alias);
  return by;
}

type Around = "members" | "steps" | "branches" | "branch";

export function writtenPath(path: string, document: unknown): string {
  let value = document;
  let written = "$";
  let around: Around = "members";
  for (const segment of segmentsOf(path)) {
    const skipped = around === "branch";
    const inside: Around = aroundNext(around, segment);
    if (skipped) {
      around = inside;
      continue;
    }
    const key = around === "members" ? keyIn(value, segment) : segment;
    around = inside;
    if (key === undefined) continue;
    written = Array.isArray(value) ? `${written}[${key}]` : memberPath(written, key);
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return written;
}

/** What stands under a segment: names of steps and branches are never taken for members. */
function aroundNext(around: Around, segment: string): Around {
  if (around === "branch") return "steps";
  if (around === "branches") return "branch";
  if (around === "steps") return "members";
  return segment === "steps" || segment === "branches" ? segment : "members";
}

/** The key as written; `undefined` where the document has no level for it. */
function keyIn(value: unknown, segment: string): string | undefined {
  if (Array.isArray(value)) {
    const index = value.indexOf(segment);
    return /^\d+$/.test(segment) ? segment : index === -1 ? undefined : String(index);
  }
  if (!isRecord(value)) return undefined;
  if (Object.hasOwn(value, segment)) return segment;
  const alias = WRITTEN[segment]?.find((name) => Object.hasOwn(value, name));
  // Which kind a step is, its members say.
  return alias ?? (segment === "kind" ? undefined : segment);
}
