import type { Ref } from "../run/ref.ts";
import type { StartRun } from "../run/runtime.ts";
import type { Run } from "../run/state.ts";
import { canonicalJson } from "../std/json.ts";
import type { Json } from "../std/json.ts";
import type { Store } from "../store/port.ts";

/** How a run that exists is not the one that is asked for; `undefined`: it is the same. */
export async function differenceOf(store: Store, existing: Run, asked: StartRun): Promise<string | undefined> {
  if (existing.workflow.hash !== asked.hash) return "another definition";
  return (await isSame(store, existing.input, asked.input)) ? undefined : "another input";
}

/** Equal as values: the order of keys says nothing. */
async function isSame(store: Store, a: Ref, b: Ref): Promise<boolean> {
  if (JSON.stringify(a) === JSON.stringify(b)) return true;
  const [one, other] = [await store.text(a), await store.text(b)];
  return canonicalJson(JSON.parse(one) as Json) === canonicalJson(JSON.parse(other) as Json);
}
