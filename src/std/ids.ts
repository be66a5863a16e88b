import { uuidv7 } from "uuidv7";

/** Opaque, sortable, prefixed ids: `run_…`. */
export interface Ids {
  next(prefix: string): string;
}

export const systemIds: Ids = {
  next: (prefix) => `${prefix}_${uuidv7().replaceAll("-", "")}`,
};

/** Ids that are the same in every simulation of one seed. */
export function countedIds(): Ids {
  let count = 0;
  return { next: (prefix) => `${prefix}_${String(++count).padStart(8, "0")}` };
}
