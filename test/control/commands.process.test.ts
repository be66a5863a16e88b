/** One word to one run where nobody owns its store: it takes effect, and nothing else does. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openReading } from "../../src/cli/desk/reading.ts";
import type { TuttiEvent } from "../../src/facets/event.ts";
import { builtPackage } from "../faults/built.ts";
import { Place } from "./terminals.ts";

beforeAll(builtPackage, 120_000);
let place: Place;
beforeEach(() => void (place = new Place()));
afterEach(() => place[Symbol.dispose]());

/** Two runs that were under way when their owner was killed. */
async function leftBehind(): Promise<void> {
  const owner = place.terminal("settle", "a");
  await owner.says({ run: "a", event: "step.started held" });
  const other = place.terminal("settle", "b");
  await other.says({ run: "b", event: "step.started held" });
  other.kill("SIGKILL");
  await other.ended;
  owner.kill("SIGKILL");
  await owner.ended;
}

async function eventsOf(runId: string): Promise<readonly TuttiEvent[]> {
  await using desk = await openReading(place.store);
  const events: TuttiEvent[] = [];
  for await (const event of desk.events(runId, 0)) events.push(event);
  return events;
}

test("a pause is kept, and the next engine begins nothing of that run; after a resume it completes", async () => {
  await leftBehind();
  const before = await eventsOf("b");
  place.release();
  await place.terminal("pause", "a").says({ done: "pause" });
  expect((await eventsOf("a")).at(-1)).toMatchObject({ type: "run.paused" });
  expect(await place.terminal("settle", "a").says({ settled: "paused" })).toMatchObject({ id: "a" });
  expect(place.who("end a held")).toEqual([]);
  expect((await eventsOf("b")).slice(0, before.length)).toEqual(before);
  await place.terminal("resume", "a").says({ done: "resume" });
  await place.terminal("settle", "a").says({ settled: "completed" });
  expect(place.who("end a held")).toHaveLength(1);
});

test("a cancel drives that run to its end and touches no other", async () => {
  await leftBehind();
  const before = await eventsOf("b");
  await place.terminal("cancel", "a", "not needed").says({ done: "cancel" });
  await using desk = await openReading(place.store);
  expect(await desk.get("a")).toMatchObject({ status: "cancelled", reason: "not needed", inconsistent: false });
  expect(desk.owner).toBeUndefined();
  await place.terminal("kill", "a").says({ error: "RUN_ENDED" });
  await place.terminal("kill", "b").says({ done: "kill" });
  expect(await desk.get("b")).toMatchObject({ status: "cancelled", inconsistent: true });
  expect((await eventsOf("b")).slice(0, before.length)).toEqual(before);
  expect(place.who("begin b held")).toHaveLength(1);
});

test("a store that is not there is not made by a question, nor by a command", async () => {
  const missing = join(place.folder, "none", "store.db");
  expect(await place.at(missing, "cancel", "r").says({ error: "STORE_UNUSABLE" })).toMatchObject({
    data: { store: missing, problem: "there is no such file." },
  });
  await expect(openReading(missing)).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
  const owner = place.terminal("own");
  owner.finish();
  await owner.ended;
  await place.terminal("pause", "nobody").says({ error: "RUN_UNKNOWN" });
});

test("recover settles every run that was open, whoever owns the store, and names each with its status", async () => {
  await leftBehind();
  const owner = place.terminal("recover");
  await owner.says({ run: "b", event: "step.started held" });
  const second = place.terminal("recover");
  await second.says({ owner: owner.pid, here: false });
  await place.terminal("pause", "b").says({ done: "pause" });
  place.release();
  for (const one of [owner, second]) {
    const { settled } = await one.says({ done: "recover" }).then(() => one.lines.at(-2) ?? {});
    expect(settled).toHaveLength(2);
    expect(settled).toEqual(
      expect.arrayContaining([
        { id: "a", status: "completed" },
        { id: "b", status: "paused" },
      ]),
    );
  }
});

test("a reader follows a run from owner to owner, and waits while there is none", async () => {
  await leftBehind();
  await using desk = await openReading(place.store);
  const seen: TuttiEvent[] = [];
  const ratios: number[] = [];
  const never = new AbortController().signal;
  const events = (async () => {
    for await (const event of desk.events("a", 0, never)) seen.push(event);
  })();
  const progress = (async () => {
    for await (const { ratio } of desk.progress("a", never)) ratios.push(ratio);
  })();
  const [pausing, heir] = [place.terminal("pause", "b"), place.terminal("settle", "a")];
  await pausing.ended;
  await heir.says({ event: "step.started held" });
  heir.kill("SIGKILL");
  await heir.ended;
  appendFileSync(join(place.folder, "go"), "");
  const last = place.terminal("settle", "a");
  await last.says({ settled: "completed" });
  await Promise.all([events, progress]);
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, n) => n + 1));
  expect(seen.at(-1)).toMatchObject({ type: "run.completed" });
  expect(seen).toEqual(await eventsOf("a"));
  expect(ratios.at(-1)).toBe(1);
});
