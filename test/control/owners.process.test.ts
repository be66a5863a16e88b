/** One owner per store (T15): who is refused, who takes over, and that nothing is done twice by it. */
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openReading } from "../../src/cli/desk/reading.ts";
import { ownerOf } from "../../src/host/owner.ts";
import { builtPackage } from "../faults/built.ts";
import { contest } from "./contest.ts";
import { Place, type Terminal } from "./terminals.ts";

beforeAll(builtPackage, 120_000);
let place: Place;
beforeEach(() => void (place = new Place()));
afterEach(() => place[Symbol.dispose]());

const STEPS = ["first", "held", "last"];

describe("a second owner", () => {
  test("is refused with pid and socket of the first, by whatever name it comes", async () => {
    const first = place.terminal("own");
    await first.says({ owner: first.pid });
    const { socket } = ownerOf(place.store) ?? {};
    expect(socket).toBe(join(`${place.store}.control`, "socket"));
    symlinkSync(".", join(place.folder, "folder"));
    symlinkSync(place.store, join(place.folder, "other.db"));
    for (const name of [place.store, join(place.folder, "folder", "store.db"), join(place.folder, "other.db")]) {
      const second = place.at(name, "own");
      expect(await second.says({ error: "STORE_LOCKED" })).toMatchObject({ data: { pid: first.pid, socket } });
    }
    first.finish();
    expect(await first.ended).toMatchObject({ code: 0, stderr: "" });
    expect(ownerOf(place.store)).toBeUndefined();
  });

  test("has no reason to stay but its work", async () => {
    const idle = place.terminal("idle");
    await idle.says({ done: "idle" });
    expect(await idle.ended).toEqual({ code: 0, signal: null, stderr: "" });
  });

  test("can be reached where the one before it was killed and left its socket", async () => {
    const killed = place.terminal("own");
    await killed.says({ owner: killed.pid });
    const { socket = "" } = ownerOf(place.store) ?? {};
    killed.kill("SIGKILL");
    await killed.ended;
    expect(existsSync(socket)).toBe(true);
    const next = place.terminal("own");
    await next.says({ owner: next.pid });
    await place.terminal("pause", "nobody").says({ error: "RUN_UNKNOWN" });
    expect(ownerOf(place.store)).toMatchObject({ pid: next.pid, socket });
  });

  test("of ten processes that want one store there is one owner at a time", async () => {
    expect(await contest(place, 10, 4)).toEqual({ owned: 40, overlaps: [], stderr: "" });
  });
});

describe("a terminal that waits on an owner", () => {
  test("goes on itself when that one is killed: what was done stays done, what was under way is done again", async () => {
    const first = place.terminal("settle", "r");
    await first.says({ event: "step.started held" });
    const [second, third] = [place.terminal("settle", "r"), place.terminal("settle", "r")];
    await Promise.all([second, third].map((one) => one.says({ owner: first.pid, here: false })));
    await first.says({ event: "step.started held" });
    first.kill("SIGKILL");
    const heir = await Promise.race([second, third].map(async (one) => (await one.says({ owner: one.pid }), one)));
    const other = heir === second ? third : second;
    await other.says({ owner: heir.pid, here: false });
    place.release();
    expect(await heir.says({ settled: "completed" })).toMatchObject({ id: "r", steps: [0, 1, 0] });
    expect(await other.says({ settled: "completed" })).toMatchObject({ id: "r", steps: [0, 1, 0] });
    expect(place.who("begin r held")).toEqual([first.pid, heir.pid]);
    expect(place.who("end r held")).toEqual([heir.pid]);
    expect(STEPS.map((step) => place.who(`end r ${step}`))).toEqual([[first.pid], [heir.pid], [heir.pid]]);
    await expectEachEventOnce(heir);
    await expectEachEventOnce(other);
  });

  test("takes over from one that leaves, which counts against nobody, and so on down a chain", async () => {
    const chain = [place.terminal("settle", "r0")];
    await chain[0]?.says({ event: "step.started held" });
    for (const n of [1, 2]) {
      const next = place.terminal("settle", `r${n}`);
      chain.push(next);
      await next.says({ run: `r${n}`, event: "step.started held" });
    }
    let [owner, ...waiting] = chain;
    while (owner && waiting.length > 0) {
      owner.kill("SIGTERM");
      await owner.says({ error: "left" });
      owner = await Promise.race(waiting.map(async (one) => (await one.says({ owner: one.pid }), one)));
      waiting = waiting.filter((one) => one !== owner);
    }
    place.release();
    expect(await owner?.says({ settled: "completed" })).toMatchObject({ steps: [0, 0, 0] });
    const reader = place.terminal("recover");
    await reader.says({ done: "recover" });
    await using desk = await openReading(place.store);
    for (const n of [0, 1, 2]) {
      const run = await desk.get(`r${n}`);
      expect(run).toMatchObject({ status: "completed" });
      expect(Object.values(run?.steps ?? {}).map(({ recoveries }) => recoveries)).toEqual([0, 0, 0]);
      expect(place.who(`end r${n} held`)).toHaveLength(1);
    }
  });

  test("leaves when it is told to, and the run goes on where it is", async () => {
    const first = place.terminal("settle", "r");
    await first.says({ event: "step.started held" });
    const second = place.terminal("settle", "r");
    await second.says({ event: "step.started held" });
    second.kill("SIGTERM");
    await second.says({ error: "left" });
    expect((await second.ended).signal).toBeNull();
    place.release();
    await first.says({ settled: "completed" });
    expect(place.who("begin r held")).toEqual([first.pid]);
  });

  test("starts through it a run of its own, and when that is settled leaves the other alone", async () => {
    const first = place.terminal("settle", "a");
    await first.says({ event: "step.started held" });
    const second = place.terminal("settle", "b");
    await second.says({ run: "b", event: "step.started held" });
    expect(place.who("begin b held")).toEqual([first.pid]);
    await place.terminal("cancel", "b", "not needed").says({ done: "cancel" });
    expect(await second.says({ settled: "cancelled" })).toMatchObject({ id: "b" });
    expect(await second.ended).toMatchObject({ code: 0, stderr: "" });
    place.release();
    await first.says({ settled: "completed" });
  });

  test("sees the run paused by a third one, and is done: it can go on only by somebody", async () => {
    const first = place.terminal("settle", "r");
    await first.says({ event: "step.started held" });
    const second = place.terminal("settle", "r");
    await second.says({ owner: first.pid });
    await place.terminal("pause", "r").says({ done: "pause" });
    place.release();
    await Promise.all([first.says({ settled: "paused" }), second.says({ settled: "paused" })]);
    expect(place.who("begin r last")).toEqual([]);
    expect([first, second].map(({ lines }) => lines.at(-2))).not.toContainEqual(
      expect.objectContaining({ error: /./ }),
    );
  });
});

async function expectEachEventOnce(terminal: Terminal): Promise<void> {
  await terminal.ended;
  const seqs = terminal.lines.flatMap(({ seq }) => (typeof seq === "number" ? [seq] : []));
  expect(seqs).toEqual(seqs.map((_, n) => n + 1));
  expect(seqs.length).toBeGreaterThan(9);
}
