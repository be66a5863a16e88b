/** T04 to T08 at length: 200,000 power cuts, every byte of the rows' texts, every sync and every fifth write of an engine. */
import { expect, test } from "vitest";
import { killedAlone, POWER_CASES, SYNCS_ALONE } from "../faults/disk/cases.ts";
import { explore } from "../faults/disk/explore.ts";
import { withFault } from "../faults/disk/injected.ts";
import { record } from "../faults/disk/recording.ts";
import { cutLog, rotFile, rotLog, rotPayloads } from "../faults/disk/rot.ts";
import { soundStore } from "../faults/disk/sound.ts";
import { seeded } from "../../src/std/random.ts";

const TIMES = 100;
const SEED = 1 + (Date.now() % 1_000_000);

const long = POWER_CASES.map((one) => ({ ...one, states: one.states * TIMES }));
const kills = Array.from({ length: SYNCS_ALONE }, (_, index) => killedAlone(index + 1, 1_000));
/** So much that the product itself writes its log home and begins it anew. */
const large = {
  title: "a log that has grown",
  db: "store.db",
  parts: [{ kind: "product", first: 0, last: 120 }],
  states: 1_000,
} as const;

test.each([...long, ...kills, large])("$title: nothing promised is lost in $states states", async (one) => {
  const started = performance.now();
  const found = await explore(await record(one), one.states, SEED);
  const perSecond = (one.states / (performance.now() - started)) * 1_000;
  console.log(`seed ${SEED}, ${perSecond.toFixed(0)} states a second`, { ...found, wrong: found.wrong.length });
  expect(found.wrong).toEqual([]);
  expect(found.atRisk).toBeGreaterThan(one.states / 4);
});

test("a bit in any byte of any row's text names its run", async () => {
  const sound = await soundStore();
  const random = seeded(SEED);
  const bits = sound.payloads.flatMap((payload) =>
    Array.from({ length: payload.length }, (_, at) => [payload, at, Math.floor(random() * 8)] as const),
  );
  const { states, detected, wrong } = await rotPayloads(sound, bits);
  console.log(`seed ${SEED}: ${detected} of ${states} bits in the texts of rows were noticed`);
  expect(wrong).toEqual([]);
  expect(detected).toBe(states);
});

test("a bit anywhere in the file or its log is named, refused or harmless", async () => {
  const sound = await soundStore();
  const random = seeded(SEED);
  const file = await rotFile(sound, 20_000, random);
  console.log(`seed ${SEED}: the file`, { ...file, wrong: file.wrong.length }, file.wrong.slice(0, 10));
  const log = await rotLog(sound, 10_000, random);
  console.log("the log", { ...log, wrong: log.wrong.length });
  expect(file.wrong.length).toBeLessThan(file.states / 200);
  expect(log.wrong).toEqual([]);
  expect((await cutLog(sound, 5_000, random)).wrong).toEqual([]);
});

test("any sync that fails ends the engine at once", async () => {
  for (let n = 1; n <= 28; n++) {
    const left = await withFault(`fsync:error=EIO:when=${n}`);
    expect(left.wrong, `sync ${n}`).toEqual([]);
    // A folder that SQLite could not sync is synced again by us.
    const ended = left.code === 74 && left.promisedAfter.length === 0;
    expect(left.code === 0 ? left.struckFolder : ended, `sync ${n}`).toBe(true);
  }
});

test("a disk that is full at any write loses nothing, and no step runs twice", async () => {
  for (let n = 1; n <= 400; n += 5) {
    const left = await withFault(`pwrite64:error=ENOSPC:when=${n}`);
    expect(left, `write ${n}`).toMatchObject({ unusual: [], wrong: [] });
    expect([0, 1, 74], `write ${n}`).toContain(left.code);
    expect(left.executions.length).toBe(new Set(left.executions).size);
  }
});

test("five seconds for a sync make nothing late and repeat nothing", async () => {
  const left = await withFault("fsync:delay_enter=5000000:when=13..20", { programs: true });
  expect(left).toMatchObject({ code: 0, told: 6, unusual: [], wrong: [] });
  expect(new Set(left.executions).size).toBe(24);
});
