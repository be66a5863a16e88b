/** `tutti runs get`: one run with its steps. */
import type { RunInfo, StepInfo } from "../../facets/view.ts";
import type { Context, Verb } from "../context.ts";
import { jsonText } from "../context.ts";
import { openReading } from "../desk/reading.ts";
import { table } from "../display/table.ts";
import { fit, spanOf, visible } from "../display/text.ts";
import { EXIT } from "../exit.ts";
import { reasonOf, runDocument } from "../result.ts";
import { knownRun } from "./known.ts";

/** Longer outputs are for --json. */
const OUTPUT_CHARACTERS = 4_000;

export const get: Verb<object> = async (context, [id = ""]) => {
  await using desk = await openReading(context.config.store);
  const info = await knownRun(desk, id);
  if (context.json) context.printJson(runDocument(info));
  else context.print(`${heading(info, context)}\n\n${steps(info, context)}${ending(info, context)}`);
  return EXIT.done;
};

function heading(info: RunInfo, { out }: Context): string {
  const { ended, total, ratio } = info.progress;
  const facts: [string, string][] = [
    ["workflow", `${info.workflow.id}@${info.workflow.version}`],
    ["priority", info.priority],
    ...(info.tags.length > 0 ? ([["tags", info.tags.join(" ")]] as [string, string][]) : []),
    ["created", info.createdAt],
    ...(info.startedAt === undefined ? [] : ([["started", info.startedAt]] as [string, string][])),
    ...("endedAt" in info ? ([["ended", `${info.endedAt} (${spanOf(info.durationMs)})`]] as [string, string][]) : []),
    ["steps", `${ended} of ${total} ended (${Math.floor(ratio * 100)}%)`],
  ];
  const reason = reasonOf(info);
  if (reason !== undefined) facts.push(["reason", reason]);
  const lines = facts.map(([name, value]) => `  ${out.dim(name.padEnd(8))}  ${visible(value)}`);
  return [`${out.state(info.status)}  ${out.bold(visible(info.id))}`, ...lines].join("\n");
}

function steps(info: RunInfo, { out, columns, clock }: Context): string {
  const rows = Object.entries(info.steps).map(([path, step]) => [
    path,
    { text: out.plain(step.status), paint: (text: string) => out.painted(text, step.status) },
    step.agent ?? "",
    String(step.attempts),
    took(step, clock.now()),
    step.error ? `${step.error.kind}: ${step.error.message}` : (step.reason ?? ""),
  ]);
  return table(["STEP", "STATUS", "AGENT", "ATTEMPTS", "TOOK", "WHY"], rows, out, columns);
}

function took({ startedAt, endedAt }: StepInfo, now: number): string {
  if (startedAt === undefined) return "";
  return spanOf((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt));
}

function ending(info: RunInfo, { out }: Context): string {
  if (info.status !== "completed") return "";
  const text = jsonText(info.output, true);
  const cut = text.length > OUTPUT_CHARACTERS ? `${fit(text, OUTPUT_CHARACTERS)}\n(all of it: --json)` : text;
  return `\n${out.dim("output")}\n${cut}\n`;
}
