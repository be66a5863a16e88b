/** Steps that tell an independent witness, beside the store, when they begin and end, and by whom. */
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export async function step({ folder, run, step: name, held }, { signal }) {
  const tell = (what) => appendFileSync(join(folder, "witness"), `${what} ${run} ${name} ${process.pid}\n`);
  tell("begin");
  while (held && !existsSync(join(folder, "go"))) await sleep(5, undefined, { signal });
  tell("end");
  return name;
}
