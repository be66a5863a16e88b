import { describe, expect, test } from "vitest";
import { describeStore } from "../contract.ts";
import { SampleRun } from "../samples.ts";
import { openMemory } from "./open.ts";
import { MemoryRows } from "./rows.ts";

describeStore(
  "memory",
  () => {
    const rows = new MemoryRows();
    return { open: async () => rows, [Symbol.asyncDispose]: async () => undefined };
  },
  { describe, test },
);

describe("rows in memory", () => {
  test("a crash between two aggregates keeps those before it", async () => {
    const rows = new MemoryRows();
    const [first, second] = [new SampleRun("run_1"), new SampleRun("run_2")];
    rows.beforeAggregate = (index) => {
      if (index === 1) throw new Error("crashed");
    };
    await expect(openMemory(rows).commit([first.start(), second.start()])).rejects.toThrow("crashed");
    rows.beforeAggregate = undefined;
    expect(await openMemory(rows).openRuns()).toEqual({ runs: [first.run], damaged: [] });
  });

  test("a clone is the same rows, and neither sees what is written to the other", async () => {
    const rows = new MemoryRows();
    const run = new SampleRun("run_1");
    const store = openMemory(rows);
    const ref = await store.putBlob(JSON.stringify("x".repeat(100_000)));
    await store.commit([run.start()]);
    const before = run.run;
    const copy = openMemory(rows.clone());
    await store.commit([run.step()]);
    expect((await copy.openRuns()).runs).toEqual([before]);
    expect(await copy.text(ref)).toHaveLength(100_002);
    await copy.commit([new SampleRun("run_2").start()]);
    expect((await store.openRuns()).runs).toEqual([run.run]);
  });
});
