import type { Context as WholeContext } from "tutti";

/** The part of a task's context that the audit's agents use. */
export type Context = Pick<WholeContext, "runId" | "signal" | "progress">;
