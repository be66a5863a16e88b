/** The other composition root: a store that is only read, and nothing of an engine loaded for it. */
import { Reading } from "./facets/reading.ts";
import type * as Probe from "./store/sqlite/probe.ts";

/** The runs of a store, whoever owns it; it is neither made nor owned by that. Throws STORE_UNUSABLE. */
export async function openReading(store: string): Promise<Reading> {
  return new Reading(await (await import("./store/sqlite/open.ts")).openSqliteReader(store));
}

/** What can be said of the store's machinery without opening it for work: for `tutti doctor`. */
export function loadProbe(): Promise<typeof Probe> {
  return import("./store/sqlite/probe.ts");
}
