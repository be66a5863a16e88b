/** What every store does when rows are not what they were: part of the contract. */
import assert from "node:assert/strict";
import { INLINE_BYTES } from "../run/ref.ts";
import type { Run } from "../run/state.ts";
import { encodeInstance } from "./codec.ts";
import { overlay, refused, session, steps } from "./claims.ts";
import type { Claim, RowsUnderTest } from "./claims.ts";
import { DurableStore } from "./durable.ts";
import type { LoadedRun, RowStore, StoredRun } from "./rows.ts";
import { sampleChain, SampleRun } from "./samples.ts";

const stray = { ...new SampleRun("run_2").run.instances.at(0), path: "nowhere" };

/** Ways in which the rows of a run can be wrong, and what is said of each. */
const WRONG_ROWS: Readonly<Record<string, readonly [(loaded: LoadedRun) => LoadedRun, RegExp]>> = {
  "a head that was altered": [
    (run) => ({ ...run, row: { ...run.row, head: run.row.head.replace("normal", "urgent") } }),
    /its head does not match its checksum/,
  ],
  "a status that its head does not know of": [
    (run) => ({ ...run, row: { ...run.row, status: "completed" } }),
    /its head does not match its checksum/,
  ],
  "no head": [(run) => ({ ...run, row: { ...run.row, head: "" } }), /its head does not match its checksum/],
  "an instance that was altered": [
    (run) => ({ ...run, instances: run.instances.map(({ index, body }) => ({ index, body: body.replace("1", "2") })) }),
    /instance 0 does not match its checksum/,
  ],
  "an instance in another's row": [
    (run) => ({ ...run, instances: run.instances.map(({ body }) => ({ index: 7, body })) }),
    /instance 7 does not match its checksum/,
  ],
  "an instance that its workflow does not have": [
    (run) => ({ ...run, instances: [encodeInstance(run.row.run, stray)] }),
    /its row says nowhere/,
  ],
  "a head that remembers another last event": [
    (run) => ({ ...run, position: { ...run.position, crc: 7 } }),
    /its head does not match event 3/,
  ],
  "a journal that ends too early": [(run) => ({ ...run, tail: run.tail.slice(0, 1) }), /its journal ends with/],
  "no journal": [(run) => ({ ...run, tail: [] }), /its journal ends with none/],
  "a last event that was altered": [
    (run) => ({ ...run, tail: run.tail.map((event) => ({ ...event, body: event.body.replace("worker", "walker") })) }),
    /event 3 does not match its checksum/,
  ],
  "a definition that is gone": [
    (run) => ({ ...run, row: { ...run.row, hash: "gone" } }),
    /its definition gone is missing/,
  ],
};

export function damage(claim: Claim): void {
  wrongRows(claim);
  mendedRows(claim);
  brokenJournals(claim);
}

function wrongRows(claim: Claim): void {
  for (const [what, [spoil, problem]] of Object.entries(WRONG_ROWS)) {
    claim(`${what}: the run is named as damaged, the others load`, async (rows) => {
      const [first, second, third] = [new SampleRun("run_1"), new SampleRun("run_2"), new SampleRun("run_3")];
      await session(rows, (store) => store.commit([first.start(), second.start(), third.start()]));
      const real = await rows.open();
      const load = async (id: string): Promise<LoadedRun | undefined> => {
        const loaded = await real.load(id);
        return loaded && id === "run_2" ? spoil(loaded) : loaded;
      };
      const store = new DurableStore(overlay(real, { load }));
      const { runs, damaged } = await store.openRuns();
      assert.deepEqual(runs, [first.run, third.run] satisfies Run[]);
      assert.deepEqual([damaged.length, damaged[0]?.runId], [1, "run_2"]);
      assert.match(damaged[0]?.problem ?? "", problem);
      await refused("RUN_DAMAGED", store.run("run_2"), problem);
      await store[Symbol.asyncDispose]();
    });
  }
}

function mendedRows(claim: Claim): void {
  claim(
    "a damaged definition is mended by the next run that begins with it, and so is every run of it",
    async (rows) => {
      const [first, second, third] = [new SampleRun("run_1"), new SampleRun("run_2"), new SampleRun("run_3")];
      const real = await rows.open();
      const spoilt: RowStore["write"] = (writes) =>
        real.write(
          writes.map((write) => ({ ...write, definition: write.definition && { ...write.definition, body: "" } })),
        );
      const store = new DurableStore(overlay(real, { write: spoilt }));
      await store.commit([first.start(), second.start()]);
      await store[Symbol.asyncDispose]();
      await session(rows, async (next) => {
        const { damaged } = await next.openRuns();
        assert.deepEqual(
          damaged.map(({ runId }) => runId),
          ["run_1", "run_2"],
        );
        await next.commit([third.start()]);
      });
      await session(rows, async (next) => {
        assert.deepEqual(await next.openRuns(), { runs: [first.run, second.run, third.run], damaged: [] });
      });
    },
  );

  claim("a damaged value is mended by whoever stores it again", async (rows) => {
    const value = JSON.stringify("x".repeat(INLINE_BYTES));
    const ref = await session(rows, (store) => store.putBlob(value));
    assert("hash" in ref);
    const real = await rows.open();
    await real.putBlob(ref.hash, ref.size, "[]");
    const store = new DurableStore(real);
    await refused("STORE_UNUSABLE", store.text(ref), /does not match its hash/);
    assert.deepEqual(await store.putBlob(value), ref);
    assert.equal(await store.text(ref), value);
    await store[Symbol.asyncDispose]();
  });
}

function brokenJournals(claim: Claim): void {
  const broken = async (rows: RowsUnderTest, spoil: (events: StoredRun & { body: string }) => string | undefined) => {
    const run = new SampleRun("run_1", { pinned: sampleChain(6) });
    await session(rows, (store) => store.commit([run.start(), ...steps(run, 6)]));
    const real = await rows.open();
    const events: RowStore["events"] = async (number, after, limit) => {
      const stored = (await real.find("run_1")) as StoredRun;
      return (await real.events(number, after, limit)).flatMap((row) => {
        if (row.seq !== 4) return row;
        const body = spoil({ ...stored, body: row.body });
        return body === undefined ? [] : { ...row, body };
      });
    };
    return new DurableStore(overlay(real, { events }));
  };

  claim("an altered event breaks the chain for whoever reads it or relies on it", async (rows) => {
    const store = await broken(rows, ({ body }) => body.replace('"branch":0', '"branch":1'));
    await refused("RUN_DAMAGED", store.events("run_1", 0, 100), /event 4 does not match its checksum/);
    await refused("RUN_DAMAGED", store.events("run_1", 3, 1), /event 4 does not match its checksum/);
    assert.equal((await store.events("run_1", 0, 3)).length, 3);
    assert.equal((await store.events("run_1", 5, 2)).length, 2);
    await store[Symbol.asyncDispose]();
  });

  claim("a missing event is missed, from before it and from after it", async (rows) => {
    const store = await broken(rows, () => undefined);
    await refused("RUN_DAMAGED", store.events("run_1", 0, 100), /event 4 is missing/);
    await refused("RUN_DAMAGED", store.events("run_1", 4, 100), /event 4 is missing/);
    await store[Symbol.asyncDispose]();
  });
}
