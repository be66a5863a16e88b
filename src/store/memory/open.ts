import { DurableStore } from "../durable.ts";
import type { Store } from "../port.ts";
import { MemoryRows } from "./rows.ts";

/** A store in memory. Rows given are shared: a second store over them sees what a crash of the first left. */
export function openMemory(rows: MemoryRows = new MemoryRows()): Store {
  return new DurableStore(rows);
}
