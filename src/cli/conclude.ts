/** What `run` and `runs watch` say at the end of a run, and the exit code it comes to. */
import type { RunInfo } from "../facets/view.ts";
import type { Context } from "./context.ts";
import { jsonText } from "./context.ts";
import { many, spanOf, visibleLines } from "./display/text.ts";
import { exitOfStatus } from "./exit.ts";
import { reasonOf, runDocument } from "./result.ts";

/** Data on stdout: the whole run with --json, else the output of a run that has completed. */
export function conclude(context: Context, info: RunInfo): number {
  if (context.json) context.printJson(runDocument(info));
  else if (info.status === "completed") context.print(`${jsonText(info.output, true)}\n`);
  const lines = [`${context.err.state(info.status)}  ${info.id}${spent(info)}`, ...because(info)];
  // A run that did not work is told even to who wants no words, unless the document says so.
  if (info.status === "completed" || context.json) context.tell(lines.join("\n"));
  else context.terminal.stderr.write(`${lines.join("\n")}\n`);
  return exitOfStatus(info.status);
}

function spent(info: RunInfo): string {
  const { ended, total } = info.progress;
  const steps = ended === total ? many(total, "step") : `${ended} of ${many(total, "step")}`;
  return `  ${steps}${"durationMs" in info ? ` in ${spanOf(info.durationMs)}` : ""}`;
}

function because(info: RunInfo): string[] {
  const reason = reasonOf(info);
  const told: string[] = [];
  if (info.status === "failed") {
    const { path, kind, message } = info.error;
    told.push(`${path === undefined ? "" : `${path}: `}${kind}: ${message}`);
  }
  if (reason !== undefined) told.push(reason);
  if (info.status === "completed" && info.partial) told.push("Some steps failed; the workflow allows that.");
  const next = NEXT[info.status];
  if (next !== undefined) told.push(next.replace("ID", info.id));
  return told.map((line) => `  ${visibleLines(line).replaceAll("\n", "\n  ")}`);
}

const NEXT: { readonly [status in RunInfo["status"]]?: string } = {
  failed: "All of it: tutti runs get ID",
  paused: "Go on: tutti runs resume ID",
  stranded: "Bring what is missing, then: tutti recover",
};
