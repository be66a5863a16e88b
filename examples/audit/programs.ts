/** Where the programs lie: `processes/` beside this file, or beside its source when this is the compiled copy. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export function program(name: string): string {
  const here = join(import.meta.dirname, "processes", `${name}.mjs`);
  // The compiler leaves .mjs files where they are: dist/examples/audit → examples/audit.
  return existsSync(here) ? here : join(import.meta.dirname, "../../../examples/audit/processes", `${name}.mjs`);
}
