/** `tutti runs logs`: what the steps of a run wrote. */
import { iso } from "../../facets/view.ts";
import { isEndedRun } from "../../run/status.ts";
import { sleep } from "../../std/clock.ts";
import { nearestName } from "../../std/name.ts";
import type { LogLine } from "../../task/log.ts";
import type { Context, Verb } from "../context.ts";
import { openReading } from "../desk/reading.ts";
import { visible } from "../display/text.ts";
import { EXIT } from "../exit.ts";
import { Leaving } from "../leaving.ts";
import { NotThere } from "../usage.ts";
import { knownRun } from "./known.ts";
import type { StreamOptions } from "./stream.ts";
import { Stream } from "./stream.ts";

/** What a step writes is not told by itself; what has become durable is looked for this often. */
const LOOK_EVERY_MS = 1_000;

export const logs: Verb<StreamOptions> = async (context, [id = "", path], options) => {
  await using desk = await openReading(context.config.store);
  using leaving = new Leaving(context.terminal);
  const stream = new Stream(context, options);
  let told = 0;
  const tellNew = async (): Promise<void> => {
    const lines = await desk.logs(id, path);
    for (const line of lines.slice(told)) tellLine(stream, line, ++told, context);
  };
  const { steps, ...first } = await knownRun(desk, id);
  let { status } = first;
  await tellNew();
  // One that is waited for may be yet to come.
  const mayCome = options.follow && !isEndedRun(status);
  if (path !== undefined && told === 0 && !Object.hasOwn(steps, path) && !mayCome) throw noStep(id, path, steps);
  while (options.follow && !isEndedRun(status) && !context.terminal.stdout.closed) {
    await sleep(context.clock, LOOK_EVERY_MS, leaving.signal);
    ({ status } = await knownRun(desk, id));
    await tellNew();
  }
  stream.result({ runId: id, status, lines: told });
  return EXIT.done;
};

function noStep(id: string, path: string, steps: object): NotThere {
  const nearest = nearestName(path, Object.keys(steps));
  const hint = nearest === undefined ? `tutti runs get ${id} shows its steps.` : `Did you mean ${nearest}?`;
  return new NotThere(`Run ${id} has no step ${path}. ${hint}`);
}

function tellLine(stream: Stream, { at, path, attempt, level, text }: LogLine, seq: number, { out }: Context): void {
  const time = iso(at);
  stream.line({ type: "log", seq, time }, { path, attempt, level, text }, () => {
    const from = out.dim(`${time}  ${visible(path)}#${attempt}  ${level.padEnd(5)}`);
    return `${from}  ${visible(text)}`;
  });
}
