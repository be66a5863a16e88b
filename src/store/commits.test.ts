import { expect, test } from "vitest";
import type { Vector } from "../std/vector.ts";
import { DurableStore } from "./durable.ts";
import { MemoryRows } from "./memory/rows.ts";
import type { RunWrite } from "./rows.ts";
import { MAX_INSTANCES } from "./rows.ts";
import { sampleChain, SampleRun } from "./samples.ts";

/** A store, and what it hands to its rows. */
function observed(): { store: DurableStore; writes: RunWrite[] } {
  const rows = new MemoryRows();
  const writes: RunWrite[] = [];
  const write = rows.write.bind(rows);
  rows.write = (batch) => {
    writes.push(...batch);
    return write(batch);
  };
  return { store: new DurableStore(rows), writes };
}

test("a step writes its events and instances; the run's row only when something of the run has changed", async () => {
  const { store, writes } = observed();
  const run = new SampleRun("run_1", { pinned: sampleChain(4) });
  await store.commit([run.start()]);
  await store.commit([run.step(), run.step()]);
  await store.commit([run.obey({ type: "pause" })]);
  await store.commit([run.obey({ type: "resume" })]);
  expect(writes.map(({ row }) => row?.status)).toEqual(["running", undefined, undefined, "paused", "running"]);
  expect(writes.map(({ events, instances }) => [events.length, instances.length])).toEqual([
    [3, 1],
    [2, 2],
    [2, 2],
    [1, 0],
    [1, 0],
  ]);
});

test("a definition is written once, however many runs begin with it", async () => {
  const { store, writes } = observed();
  const pinned = sampleChain(2);
  await store.commit(Array.from({ length: 5 }, (_, n) => new SampleRun(`run_${n}`, { pinned }).start()));
  await store.commit([new SampleRun("run_5", { pinned }).start()]);
  expect(writes.filter(({ definition }) => definition)).toHaveLength(1);
});

test("a run with more instances than its rows have numbers for is refused", async () => {
  const { store } = observed();
  const run = new SampleRun("run_1");
  const start = run.start();
  const instances = { length: MAX_INSTANCES + 1 } as unknown as Vector<never>;
  const commit = store.commit([{ ...start, run: { ...start.run, instances } }]);
  await expect(commit).rejects.toThrow("run run_1 has more than 1048576 instances");
  expect(await store.run("run_1")).toBeUndefined();
});

test("a first commit without its definition, or with a NUL in an id, is refused", async () => {
  const { store } = observed();
  const { definition: _, ...bare } = new SampleRun("run_1").start();
  await expect(store.commit([bare])).rejects.toThrow("brings no definition to begin it");
  await expect(store.commit([new SampleRun("run\0_1").start()])).rejects.toThrow("a NUL");
});
