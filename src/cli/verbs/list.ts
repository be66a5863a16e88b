/** `tutti runs list`. */
import type { RunLine } from "../../facets/view.ts";
import { nearestName } from "../../std/name.ts";
import type { RunFilter } from "../../run/runtime.ts";
import type { RunStatus } from "../../run/state.ts";
import { RUN_STATUSES } from "../../run/state.ts";
import type { Context, Verb } from "../context.ts";
import { openReading } from "../desk/reading.ts";
import { table } from "../display/table.ts";
import { ageOf, spanOf, visible } from "../display/text.ts";
import { EXIT } from "../exit.ts";
import { UsageError } from "../usage.ts";

interface ListOptions {
  readonly status?: string;
  readonly workflow?: string;
  readonly tag?: string;
  readonly limit: string;
  readonly cursor?: string;
}

export const list: Verb<ListOptions> = async (context, _args, options) => {
  const filter = filterOf(options);
  await using desk = await openReading(context.config.store);
  const { items, nextCursor } = await desk.list(filter);
  if (context.json) context.printJson({ items, nextCursor: nextCursor ?? null });
  else if (context.quiet) for (const { id } of items) context.print(`${visible(id)}\n`);
  else {
    if (items.length === 0) context.tell("No run fits.");
    else context.print(rendered(items, context));
    if (nextCursor !== undefined) context.tell(`More: --cursor ${nextCursor}`);
  }
  return EXIT.done;
};

function filterOf({ status, workflow, tag, limit, cursor }: ListOptions): RunFilter {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > 1000)
    throw new UsageError(`--limit is a whole number from 1 to 1000, not ${limit}.`);
  return {
    limit: most,
    ...(status !== undefined && { status: status.split(",").map(statusOf) }),
    ...(workflow !== undefined && { workflow }),
    ...(tag !== undefined && { tag }),
    ...(cursor !== undefined && { cursor }),
  };
}

function statusOf(text: string): RunStatus {
  const status = RUN_STATUSES.find((one) => one === text.trim());
  if (status !== undefined) return status;
  const nearest = nearestName(text, RUN_STATUSES);
  const meant = nearest === undefined ? `It is one of ${RUN_STATUSES.join(", ")}.` : `Did you mean ${nearest}?`;
  throw new UsageError(`There is no status ${text}. ${meant}`);
}

/** Where a moment as it is written has room; elsewhere there is only how long ago it was. */
const WIDE = 120;

function rendered(items: readonly RunLine[], { out, clock, columns }: Context): string {
  const now = clock.now();
  const wide = columns >= WIDE;
  const rows = items.map(({ id, workflow, status, createdAt, startedAt, endedAt, tags }) => [
    id,
    { text: out.plain(status), paint: (text: string) => out.painted(text, status) },
    `${workflow.id}@${workflow.version}`,
    wide ? createdAt : ageOf(now - Date.parse(createdAt)),
    startedAt === undefined ? "" : spanOf((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt)),
    tags.join(" "),
  ]);
  return table(["ID", "STATUS", "WORKFLOW", wide ? "CREATED" : "AGE", "TOOK", "TAGS"], rows, out, columns);
}
