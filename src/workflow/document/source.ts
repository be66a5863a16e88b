/** What a text is read into: a plain value, and where its parts stand. */
import type { Place } from "./place.ts";

export interface SourceProblem {
  readonly offset: number;
  readonly message: string;
}

export interface Source {
  readonly problems: readonly SourceProblem[];
  /** Without meaning when there are problems. */
  readonly value: unknown;
  /** Absent: it is not known, because the text is too long to look through. */
  readonly place?: Place;
}

export function failed(problems: readonly SourceProblem[]): Source {
  return { problems, value: undefined };
}

/** Values within each other, at most. */
export const DEEPEST = 100;

export const TOO_DEEP = `expected at most ${DEEPEST} values within each other`;

const INHERITED = new Set(["__proto__", "constructor", "prototype"]);

/** Why a key cannot be one; `undefined` when it can. */
export function keyProblem(key: string): string | undefined {
  return INHERITED.has(key) ? `${key} cannot be a key: JavaScript has a meaning of its own for it` : undefined;
}

export function numberProblem(value: number, written: string): string | undefined {
  if (!Number.isFinite(value)) return `${written} is not a JSON number`;
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(written))
    return `${written} is too large to be exact: write it as a text`;
  return undefined;
}
