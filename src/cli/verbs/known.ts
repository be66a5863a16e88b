import type { RunInfo } from "../../facets/view.ts";
import { TuttiError } from "../../errors.ts";
import type { ReadingDesk } from "../desk/desk.ts";

/** Throws RUN_UNKNOWN. */
export async function knownRun(desk: ReadingDesk, id: string): Promise<RunInfo> {
  const info = await desk.get(id);
  if (!info) throw new TuttiError("RUN_UNKNOWN", { run: id });
  return info;
}
