import type { StandardSchemaV1 } from "@standard-schema/spec";
import { TaskError } from "../errors.ts";
import type { Eventually } from "../std/eventually.ts";
import { andThen } from "../std/eventually.ts";

/** What a Standard Schema makes of a value. Throws a validation_error that names every place. */
export function checkAgainst(schema: unknown, value: unknown, what: string): Eventually<unknown> {
  if (!isSchema(schema)) throw new TaskError("validation_error", `there is no schema for ${what}`);
  return andThen(schema["~standard"].validate(value), (result) => {
    if (!result.issues) return result.value;
    throw new TaskError("validation_error", `${what} does not fit its schema:\n${problemsIn(result.issues)}`);
  });
}

export function isSchema(value: unknown): value is StandardSchemaV1 {
  return value !== null && (typeof value === "object" || typeof value === "function") && "~standard" in value;
}

export function problemsIn(issues: readonly StandardSchemaV1.Issue[]): string {
  return issues.map(({ path, message }) => `  ${placeOf(path)}: ${message}`).join("\n");
}

function placeOf(path: StandardSchemaV1.Issue["path"]): string {
  const parts = (path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  return parts.reduce<string>((at, part) => at + (typeof part === "number" ? `[${part}]` : `.${String(part)}`), "$");
}
