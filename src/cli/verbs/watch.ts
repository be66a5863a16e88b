/** `tutti runs watch`: follows a run to its end, or to where it needs a person, and exits as `tutti run` does. */
import type { RunInfo } from "../../facets/view.ts";
import { isEndedRun } from "../../run/status.ts";
import { parseDuration } from "../../std/duration.ts";
import { Attendance } from "../attend.ts";
import { conclude } from "../conclude.ts";
import type { Context, Verb } from "../context.ts";
import type { ReadingDesk } from "../desk/desk.ts";
import { openReading } from "../desk/reading.ts";
import { isSettled } from "../desk/settled.ts";
import { EXIT, exitOfStatus } from "../exit.ts";
import { runDocument } from "../result.ts";
import { UsageError } from "../usage.ts";
import { tellEvent } from "./events.ts";
import { knownRun } from "./known.ts";
import type { StreamOptions } from "./stream.ts";
import { Stream } from "./stream.ts";

interface WatchOptions extends StreamOptions {
  readonly timeout?: string;
}

export const watch: Verb<WatchOptions> = async (context, [id = ""], options) => {
  const timeoutMs = options.timeout === undefined ? undefined : parseDuration(options.timeout);
  if (options.timeout !== undefined && timeoutMs === undefined)
    throw new UsageError(`--timeout is a duration such as 90s or 5m, not ${options.timeout}.`);
  await using desk = await openReading(context.config.store);
  await knownRun(desk, id);
  using attendance = new Attendance(context, { concludes: true });
  const late = new AbortController();
  const disarm = timeoutMs === undefined ? undefined : context.clock.after(timeoutMs, () => late.abort());
  const stream = new Stream(context, options);
  try {
    await follow({ desk, id, attendance, late: late.signal, stream, context });
    const info = await knownRun(desk, id);
    attendance[Symbol.dispose]();
    return stream.ndjson ? told(stream, info, late.signal) : concluded(context, info, late.signal);
  } finally {
    disarm?.();
  }
};

interface Following {
  readonly desk: ReadingDesk;
  readonly id: string;
  readonly attendance: Attendance;
  readonly late: AbortSignal;
  readonly stream: Stream;
  readonly context: Context;
}

/** Until the run has ended or needs somebody, or it is too late. */
async function follow({ desk, id, attendance, late, stream, context }: Following): Promise<void> {
  const { listeners, signal } = attendance;
  const over = new AbortController();
  const until = AbortSignal.any([signal, late, over.signal]);
  const events = (async () => {
    for await (const event of desk.events(id, 0, until)) {
      listeners.event?.(event);
      if (stream.ndjson) tellEvent(stream, event, context);
    }
  })();
  const progress = (async () => {
    for await (const now of desk.progress(id, until)) {
      listeners.progress?.(id, now);
      if (!isSettled(now)) continue;
      // What led to it may still be on its way; of a run that has ended every event comes, and then no more.
      if (!isEndedRun(now.status)) over.abort();
      return;
    }
  })();
  await Promise.all([events, progress]).finally(() => over.abort());
  signal.throwIfAborted();
}

function told(stream: Stream, info: RunInfo, late: AbortSignal): number {
  stream.result(runDocument(info));
  return codeOf(info, late);
}

function concluded(context: Context, info: RunInfo, late: AbortSignal): number {
  const code = codeOf(info, late);
  if (code !== EXIT.timedOut) return conclude(context, info);
  if (context.json) context.printJson(runDocument(info));
  context.tell(`The run is still ${info.status}; the wait for it is over.`);
  return code;
}

function codeOf({ status }: RunInfo, late: AbortSignal): number {
  return late.aborted && !isEndedRun(status) ? EXIT.timedOut : exitOfStatus(status);
}
