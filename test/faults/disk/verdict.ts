/** What is wrong with a store after a crash, given all that was said and promised before it. */
import { DatabaseSync } from "@photostructure/sqlite";
import { isDeepStrictEqual } from "node:util";
import { fold } from "../../../src/run/evolve.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import type { Run } from "../../../src/run/state.ts";
import { SampleRun } from "../../../src/store/samples.ts";
import type { Store } from "../../../src/store/port.ts";
import { openSqlite } from "../../../src/store/sqlite/open.ts";
import type { Note, Recording } from "./recording.ts";

/** All that was said so far. */
export class Promises {
  /** What the notes of recorder.mjs say, in a file that it may not have finished. */
  static in(text: string): Promises {
    const promises = new Promises();
    for (const line of text.split("\n")) if (line.endsWith("}")) promises.hear(JSON.parse(line) as Note);
    return promises;
  }

  /** By run: where its journal may end, and where it must be at least. */
  readonly asked = new Map<string, Set<number>>();
  readonly held = new Map<string, number>();
  readonly started = new Set<string>();
  readonly began: string[] = [];
  readonly outputs = new Map<string, unknown>();

  hear({ asks = [], holds = [], started, began, ended, output }: Note): void {
    for (const [run, seq] of asks) this.asked.set(run, (this.asked.get(run) ?? new Set()).add(seq));
    for (const [run, seq] of holds) this.held.set(run, seq);
    if (started !== undefined) this.started.add(started);
    if (began !== undefined) this.began.push(began);
    if (ended !== undefined) this.outputs.set(ended, output);
  }
}

/**
 * One line for each promise broken and each damage found. `further`: the store is also committed to, and SQLite asked
 * for its opinion, which take as long as all the rest.
 */
export async function wrongWith(
  path: string,
  promises: Promises,
  { journals, further }: { readonly journals?: Recording["journals"] | undefined; readonly further: boolean },
): Promise<readonly string[]> {
  const wrong: string[] = [];
  try {
    await using store = await openSqlite(path, { die: (line) => wrong.push(line) });
    const { runs, damaged } = await store.openRuns();
    wrong.push(...damaged.map(({ runId, problem }) => `${runId} is damaged: ${problem}`));
    const there = new Map<string, Run>(runs.map((run) => [run.id, run]));
    for (const { id } of (await store.runs({ limit: 1_000 })).items) {
      const run = there.get(id) ?? (await store.run(id));
      if (run) there.set(id, run);
      if (run) wrong.push(...(await wrongRun(store, run, promises.asked.get(id), journals?.get(id))));
    }
    for (const [id, seq] of promises.held) {
      const reached = there.get(id)?.seq ?? 0;
      if (reached < seq) wrong.push(`lost: ${id} was promised up to event ${seq}, and ends with ${reached}`);
    }
    for (const id of promises.started) if (!there.has(id)) wrong.push(`lost: ${id} was started`);
    for (const [id, output] of promises.outputs) wrong.push(...(await wrongOutput(store, there.get(id), output)));
    if (further) await store.commit([new SampleRun("run-after").start()]);
  } catch (thrown) {
    wrong.push(`cannot be used: ${String(thrown)}`);
  }
  return further ? [...wrong, ...integrity(path)] : wrong;
}

async function wrongRun(
  store: Store,
  run: Run,
  asked: ReadonlySet<number> | undefined,
  journal: readonly RunEvent[] | undefined,
): Promise<readonly string[]> {
  const events = await store.events(run.id, 0, 1_000_000);
  const wrong: string[] = [];
  if (events.length !== run.seq) wrong.push(`${run.id} is at event ${run.seq}, its journal has ${events.length}`);
  if (!asked?.has(run.seq)) wrong.push(`${run.id} ends within a commit, with event ${run.seq}`);
  if (journal && !isDeepStrictEqual(events, journal.slice(0, events.length)))
    wrong.push(`${run.id} has another history`);
  if (!isDeepStrictEqual(fold(run.id, events, run.pinned), run)) wrong.push(`${run.id} is not what its events say`);
  return wrong;
}

async function wrongOutput(store: Store, run: Run | undefined, output: unknown): Promise<readonly string[]> {
  if (run?.end !== "completed" || !run.output) return [`lost: an end that was told, ${run?.id ?? "with its run"}`];
  const found: unknown = JSON.parse(await store.text(run.output));
  return isDeepStrictEqual(found, output) ? [] : [`${run.id} ended with ${JSON.stringify(found)}`];
}

/** SQLite's own opinion of the file. */
function integrity(path: string): readonly string[] {
  try {
    using db = new DatabaseSync(path);
    const lines = db.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[];
    return lines.map((line) => line.integrity_check).filter((line) => line !== "ok");
  } catch (thrown) {
    return [`cannot be read: ${String(thrown)}`];
  }
}
