import { describe, expect, test } from "vitest";
import { openMemory } from "../store/memory/open.ts";
import { MemoryRows } from "../store/memory/rows.ts";
import { SampleRun } from "../store/samples.ts";
import { simulatedClock } from "./clock.ts";
import type { Fault } from "./store.ts";
import { faultyStore } from "./store.ts";

function make(...faults: readonly (Fault | undefined)[]) {
  const clock = simulatedClock();
  const rows = new MemoryRows();
  const left = [...faults];
  const durable: string[] = [];
  let deaths = 0;
  const store = faultyStore(openMemory(rows), {
    clock,
    fault: () => left.shift(),
    onDurable: (commits, whole) => durable.push(`${commits.map(({ run }) => run.id).join(" ")}${whole ? "" : " …"}`),
    onCrash: () => deaths++,
  });
  const kept = async (): Promise<string[]> => (await openMemory(rows).openRuns()).runs.map(({ id }) => id);
  return { clock, store, durable, kept, deaths: () => deaths };
}

const three = () => ["r1", "r2", "r3"].map((id) => new SampleRun(id).start());

describe("a faulty store", () => {
  test("without faults is the store it is around", async () => {
    const { store, durable, kept } = make();
    await store.commit(three());
    expect([durable, await kept()]).toEqual([["r1 r2 r3"], ["r1", "r2", "r3"]]);
    expect((await store.runs({})).items).toHaveLength(3);
    expect(await store.text(await store.putBlob('"a"'))).toBe('"a"');
  });

  test("keeps so many parts of a commit and refuses it; tried again it is whole", async () => {
    const { store, durable, kept } = make({ kept: 2, ends: "refuse" });
    const batch = three();
    await expect(store.commit(batch)).rejects.toThrow("the disk is full");
    expect(await kept()).toEqual(["r1", "r2"]);
    await store.commit(batch);
    expect([durable, await kept()]).toEqual([
      ["r1 r2 …", "r1 r2 r3"],
      ["r1", "r2", "r3"],
    ]);
  });

  test("that crashed is dead: what it kept is there for the next, and it does nothing any more", async () => {
    const { store, kept, deaths } = make({ kept: 1, ends: "crash" });
    const batch = three();
    await expect(store.commit(batch)).rejects.toThrow("this process is dead");
    for (const use of [() => store.commit(batch), () => store.openRuns(), () => store.putBlob('"a"')])
      await expect(use()).rejects.toThrow("this process is dead");
    store.crash();
    expect([await kept(), deaths()]).toEqual([["r1"], 1]);
  });

  test("that is slow may die before it has written anything", async () => {
    const { clock, store, kept } = make({ slowMs: 500 });
    const told = store.commit(three()).then(
      () => "done",
      (error: unknown) => String(error),
    );
    await clock.advance(499);
    expect(await kept()).toEqual([]);
    store.crash();
    await clock.advance(1);
    expect([await told, await kept()]).toEqual(["Error: this process is dead (simulated)", []]);
  });

  test("refuses blobs too", async () => {
    const { store } = make({ kept: 0, ends: "refuse" });
    await expect(store.putBlob('"a"')).rejects.toThrow("the disk is full");
  });
});
