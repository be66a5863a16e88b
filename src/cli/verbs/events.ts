/** `tutti runs events`: the journal of a run, as it was, and with --follow as it comes. */
import type { TuttiEvent } from "../../facets/event.ts";
import type { Context, Verb } from "../context.ts";
import { openReading } from "../desk/reading.ts";
import { fit, visible } from "../display/text.ts";
import { EXIT } from "../exit.ts";
import { shownFailure } from "../result.ts";
import { UsageError } from "../usage.ts";
import { Leaving } from "../leaving.ts";
import { knownRun } from "./known.ts";
import type { StreamOptions } from "./stream.ts";
import { Stream } from "./stream.ts";

export const events: Verb<StreamOptions & { readonly from: string }> = async (context, [id = ""], options) => {
  if (!/^\d{1,15}$/.test(options.from)) throw new UsageError(`--from is the number of an event, not ${options.from}.`);
  await using desk = await openReading(context.config.store);
  using leaving = new Leaving(context.terminal);
  const stream = new Stream(context, options);
  let count = 0;
  for await (const event of desk.events(id, Number(options.from), options.follow ? leaving.signal : undefined)) {
    if (context.terminal.stdout.closed) return EXIT.done;
    count++;
    tellEvent(stream, event, context);
  }
  leaving.throwIfLeft();
  const { status } = await knownRun(desk, id);
  stream.result({ runId: id, status, events: count });
  return EXIT.done;
};

export function tellEvent(stream: Stream, event: TuttiEvent, { out, columns }: Context): void {
  const { type, seq, at, error, ...rest } = event;
  stream.line({ type, seq, time: at }, { ...rest, ...(error && { error: shownFailure(error) }) }, () => {
    const { path, attempt, agent, reason, missing } = event;
    const details = [
      ...(path === undefined ? [] : [path]),
      ...(attempt !== undefined && attempt > 1 ? [`attempt ${attempt}`] : []),
      ...(agent === undefined ? [] : [`agent ${agent}`]),
      ...(error ? [`${error.kind}: ${error.message}`] : []),
      ...(reason === undefined ? [] : [reason]),
      ...(missing ? [`missing: ${missing.join(", ")}`] : []),
    ];
    const head = `${String(seq).padStart(5)}  ${at}  ${type.padEnd(16)}`;
    return fit(`${head}  ${visible(details.join("  "))}`.trimEnd(), columns, out.cut);
  });
}
