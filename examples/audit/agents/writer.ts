/** The writer: composes report.md and puts it in place in one move, so that no reader ever sees half a report. */
import { rename, rm, writeFile } from "node:fs/promises";
import type { Evidence, Grade, Repository } from "../findings.ts";
import { composeReport } from "../report.ts";
import type { Context } from "./context.ts";

export interface Written {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
}

/** Safe to repeat: the same evidence makes the same report, and the move replaces what was there. */
export async function writeReport(
  { repository, evidence, grade, out }: { repository: Repository; evidence: Evidence; grade: Grade; out: string },
  ctx: Context,
): Promise<Written> {
  const report = composeReport({ repository, evidence, grade, runId: ctx.runId });
  const draft = `${out}.${ctx.runId}.tmp`;
  try {
    await writeFile(draft, report, { signal: ctx.signal, flush: true });
    await rename(draft, out);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return { path: out, bytes: Buffer.byteLength(report) };
}
