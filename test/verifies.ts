/**
 * Which requirements a test proves: `test("a claim", verifies("000-F034", "000-F035"), () => { … })`, or with other
 * options `{ ...verifies("000-F034"), timeout: 60_000 }`. The ids are written as literals: `requirements.test.ts`
 * reads them from the source, and the run reports them with the test's outcome, so that only what ran counts.
 */
import { readFileSync } from "node:fs";

declare module "vitest" {
  interface TaskMeta {
    verifies?: readonly string[];
  }
}

/** One line of the five designs: who delivers it and how, or why it no longer holds as written. */
export interface Requirement {
  readonly id: string;
  readonly area: string;
  readonly text: string;
  readonly part: string;
  readonly how: string;
  readonly superseded?: string;
}

export const REQUIREMENTS = JSON.parse(
  readFileSync(new URL("requirements.json", import.meta.url), "utf8"),
) as readonly Requirement[];

const known = new Set(REQUIREMENTS.map((requirement) => requirement.id));

export function verifies(...ids: readonly [string, ...string[]]): { meta: { verifies: readonly string[] } } {
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new Error(`test/requirements.json has no ${unknown.join(", ")}`);
  return { meta: { verifies: ids } };
}
