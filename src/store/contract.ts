/** What every store owes the engine, as tests: an adapter's own test opens its rows and calls this. */
import assert from "node:assert/strict";
import { INLINE_BYTES } from "../run/ref.ts";
import type { RunFilter } from "../run/runtime.ts";
import { line, overlay, plain, refused, session, steps, toEnd } from "./claims.ts";
import type { Claim, RowsUnderTest } from "./claims.ts";
import { damage } from "./damage.ts";
import { DurableStore } from "./durable.ts";
import type { Store } from "./port.ts";
import { sampleChain, SampleRun } from "./samples.ts";

/** The test runner's own functions. */
export interface Runner {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>): void;
}

export type { RowsUnderTest };

export function describeStore(name: string, make: () => RowsUnderTest, { describe, test }: Runner): void {
  const claim = (title: string, body: (rows: RowsUnderTest) => Promise<void>): void =>
    test(title, async () => {
      await using rows = make();
      await body(rows);
    });
  describe(`${name} store`, () => {
    describe("commits", () => commits(claim));
    describe("journals", () => journals(claim));
    describe("lists", () => lists(claim));
    describe("values, definitions and logs", () => values(claim));
    describe("damage", () => damage(claim));
  });
}

function commits(claim: Claim): void {
  claim("what was committed is there when the store is opened again", async (rows) => {
    const [open, begun, ended] = [new SampleRun("run_1"), new SampleRun("run_2"), new SampleRun("run_3")];
    const id = await session(rows, async (store) => {
      await store.commit([open.start(), begun.start()]);
      await store.commit([open.step(), ...toEnd(ended)]);
      return store.id;
    });
    await session(rows, async (store) => {
      assert.equal(store.id, id);
      assert.deepEqual(await store.openRuns(), { runs: [open.run, begun.run], damaged: [] });
      assert.deepEqual(await store.run("run_3"), ended.run);
      assert.equal(await store.run("run_4"), undefined);
    });
  });

  claim("a run goes on where it was, whoever opens the store", async (rows) => {
    const run = new SampleRun("run_1", { pinned: sampleChain(4) });
    await session(rows, (store) => store.commit([run.start()]));
    await session(rows, async (store) => {
      await store.openRuns();
      await store.commit([run.step()]);
    });
    await session(rows, (store) => store.commit([run.step()]));
    await session(rows, async (store) => {
      assert.deepEqual((await store.openRuns()).runs, [run.run]);
      assert.equal((await store.events("run_1", 0, 100)).length, run.run.seq);
    });
  });

  claim("commits are written in the order they were asked for, also when nobody waits", async (rows) => {
    const run = new SampleRun("run_1", { pinned: sampleChain(8) });
    await session(rows, async (store) => {
      await Promise.all([run.start(), ...steps(run, 8)].map((commit) => store.commit([commit])));
      assert.deepEqual(await store.run("run_1"), run.run);
    });
  });

  claim("a commit whose events do not follow is refused, and nothing of its batch is kept", async (rows) => {
    const [run, other] = [new SampleRun("run_1"), new SampleRun("run_2")];
    await session(rows, async (store) => {
      await store.commit([run.start()]);
      const before = run.run;
      const next = run.step();
      const late = run.step();
      await assert.rejects(store.commit([other.start(), late]), /after event/);
      assert.deepEqual(await store.run("run_1"), before);
      assert.equal(await store.run("run_2"), undefined);
      await store.commit([next, late]);
      assert.deepEqual(await store.run("run_1"), run.run);
    });
  });

  claim("a commit behind the back of another store is refused whole", async (rows) => {
    const run = new SampleRun("run_1");
    const shared = await rows.open();
    const [first, second] = [new DurableStore(shared), new DurableStore(shared)];
    await first.commit([run.start()]);
    await second.openRuns();
    const step = run.step();
    await first.commit([step]);
    await assert.rejects(second.commit([{ ...step, logs: [line("step0", 1, "too late")] }]));
    assert.deepEqual(await first.run("run_1"), run.run);
    assert.deepEqual(await first.logs("run_1", undefined, 10), []);
    await first[Symbol.asyncDispose]();
  });

  claim("a second run of the same id is refused", async (rows) => {
    await session(rows, async (store) => {
      const ended = new SampleRun("run_1");
      await store.commit(toEnd(ended));
      await assert.rejects(store.commit([new SampleRun("run_1", { tags: ["another"] }).start()]));
      assert.deepEqual(await store.run("run_1"), ended.run);
    });
  });

  claim("a commit that could not be written may be tried again as it is", async (rows) => {
    const run = new SampleRun("run_1");
    const real = await rows.open();
    let full = true;
    const store = new DurableStore(
      overlay(real, { write: (writes) => (full ? Promise.reject(new Error("full")) : real.write(writes)) }),
    );
    const start = run.start();
    await assert.rejects(store.commit([start]), /full/);
    full = false;
    await store.commit([start]);
    const step = run.step();
    full = true;
    await assert.rejects(store.commit([step]), /full/);
    full = false;
    await store.commit([step]);
    assert.deepEqual(await store.run("run_1"), run.run);
    await store[Symbol.asyncDispose]();
  });

  claim("a commit whose answer was lost is asked for again, and is done", async (rows) => {
    const [run, ended, unseen] = [new SampleRun("run_1"), new SampleRun("run_2"), new SampleRun("run_3")];
    await session(rows, async (store) => {
      const batch = [run.start(), ...toEnd(ended)];
      await store.commit(batch);
      await store.commit([...batch, unseen.start()]);
      const step = run.step();
      await store.commit([step]);
      await store.commit([step, unseen.step()]);
      assert.deepEqual((await store.openRuns()).runs, [run.run, unseen.run]);
      assert.deepEqual(await store.run("run_2"), ended.run);
      assert.equal((await store.events("run_1", 0, 100)).length, run.run.seq);
    });
  });

  claim("a closed store takes and tells nothing", async (rows) => {
    const store = new DurableStore(await rows.open());
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await refused("CLOSED", store.commit([new SampleRun("run_1").start()]));
    await refused("CLOSED", store.openRuns());
  });
}

function journals(claim: Claim): void {
  claim("events come back as they were, in order, from any position, at most so many", async (rows) => {
    const run = new SampleRun("run_1", { pinned: sampleChain(5), input: { json: '{"é":"\\u0000\\"𝄞"}' } });
    const other = new SampleRun("run_2");
    const made = [run.start(), ...steps(run, 5)];
    await session(rows, (store) => store.commit([...made, other.start()]));
    const all = plain(made.flatMap(({ events }) => events));
    await session(rows, async (store) => {
      assert.deepEqual(await store.events("run_1", 0, 1_000), all);
      for (let after = 0; after <= all.length; after++)
        assert.deepEqual(await store.events("run_1", after, 2), all.slice(after, after + 2));
      assert.deepEqual(await store.events("run_0", 0, 10), []);
    });
  });

  claim("actor, cause and everything else of the envelope are kept", async (rows) => {
    const run = new SampleRun("run_1");
    const actor = { type: "person", id: "ada" } as const;
    await session(rows, async (store) => {
      await store.commit([run.start()]);
      const cancel = run.obey({ type: "cancel", reason: "enough", actor, cause: "cmd_1" });
      await store.commit([cancel]);
      const [event] = await store.events("run_1", run.run.seq - cancel.events.length, 1);
      assert.deepEqual(event, plain(cancel.events)[0]);
      assert.deepEqual([event?.actor, event?.cause], [actor, "cmd_1"]);
    });
  });
}

function lists(claim: Claim): void {
  const odd = sampleChain(1, "odd");
  const fill = async (store: Store): Promise<void> => {
    for (let n = 1; n <= 7; n++) {
      const run = new SampleRun(`run_${n}`, n % 2 === 1 ? { pinned: odd, tags: ["odd", "all"] } : { tags: ["all"] });
      await store.commit(n <= 3 ? toEnd(run) : [run.start()]);
    }
  };
  const idsOf = async (store: Store, filter: RunFilter): Promise<string[]> =>
    (await store.runs(filter)).items.map(({ id }) => id.replace("run_", ""));

  claim("runs are listed newest first, page by page, undisturbed by new ones", async (rows) => {
    await session(rows, async (store) => {
      await fill(store);
      const first = await store.runs({ limit: 3 });
      await store.commit([new SampleRun("run_8").start()]);
      const second = await store.runs({ limit: 3, ...(first.nextCursor && { cursor: first.nextCursor }) });
      const third = await store.runs({ limit: 3, ...(second.nextCursor && { cursor: second.nextCursor }) });
      const seen = [first, second, third].map(({ items }) => items.map(({ id }) => id).join(" "));
      assert.deepEqual(seen, ["run_7 run_6 run_5", "run_4 run_3 run_2", "run_1"]);
      assert.equal(third.nextCursor, undefined);
      await refused("OPTIONS_INVALID", store.runs({ cursor: "8; DROP TABLE runs" }));
    });
  });

  claim("runs are found by status, workflow and tag, alone and together", async (rows) => {
    await session(rows, async (store) => {
      await fill(store);
      assert.deepEqual(await idsOf(store, {}), ["7", "6", "5", "4", "3", "2", "1"]);
      assert.deepEqual(await idsOf(store, { status: ["completed"] }), ["3", "2", "1"]);
      assert.deepEqual(await idsOf(store, { status: ["completed", "running"], limit: 5 }), ["7", "6", "5", "4", "3"]);
      assert.deepEqual(await idsOf(store, { status: [] }), []);
      assert.deepEqual(await idsOf(store, { workflow: "odd" }), ["7", "5", "3", "1"]);
      assert.deepEqual(await idsOf(store, { tag: "odd", status: ["running"], workflow: "odd" }), ["7", "5"]);
      assert.deepEqual(await idsOf(store, { tag: "od" }), []);
    });
  });

  claim("a summary says what the run is", async (rows) => {
    await session(rows, async (store) => {
      const sample = new SampleRun("run_1", { pinned: odd, tags: ['"quoted"', "𝄞"] });
      await store.commit([sample.start()]);
      const summary = {
        id: "run_1",
        workflow: sample.run.workflow,
        status: "running",
        priority: "normal",
        tags: ['"quoted"', "𝄞"],
        createdAt: sample.run.createdAt,
        startedAt: sample.run.startedAt,
        endedAt: undefined,
      };
      assert.deepEqual((await store.runs({ tag: "𝄞" })).items, [summary]);
      await store.commit([sample.step()]);
      const ended = { ...summary, status: "completed", endedAt: sample.run.endedAt };
      assert.deepEqual((await store.runs({ tag: '"quoted"' })).items, [ended]);
    });
  });
}

function values(claim: Claim): void {
  claim("a small value stays in its ref, a large one is stored once by its hash", async (rows) => {
    const large = JSON.stringify("é".repeat(INLINE_BYTES / 2));
    const ref = await session(rows, async (store) => {
      const small = JSON.stringify("é".repeat(INLINE_BYTES / 2 - 1));
      assert.deepEqual(await store.putBlob(small), { json: small });
      assert.equal(await store.text({ json: small }), small);
      const first = await store.putBlob(large);
      assert.deepEqual(await store.putBlob(large), first);
      assert("hash" in first && first.size === INLINE_BYTES + 2);
      return first;
    });
    await session(rows, async (store) => assert.equal(await store.text(ref), large));
  });

  claim("a value that is missing or altered is told, not given", async (rows) => {
    const real = await rows.open();
    const store = new DurableStore(overlay(real, { blob: async (hash) => (hash === "0" ? undefined : "[]") }));
    await refused("STORE_UNUSABLE", store.text({ hash: "0", size: 100_000 }), /is missing/);
    await refused("STORE_UNUSABLE", store.text({ hash: "1", size: 100_000 }), /does not match its hash/);
    await store[Symbol.asyncDispose]();
  });

  claim("a definition is kept with the first run that brings it", async (rows) => {
    const run = new SampleRun("run_1");
    const { definition } = run.run.pinned;
    await session(rows, (store) => store.commit([run.start(), new SampleRun("run_2").start()]));
    await session(rows, async (store) => {
      assert.deepEqual(await store.definition(run.run.workflow.hash), definition);
      assert.equal(await store.definition("another"), undefined);
    });
  });

  claim("log lines come back in order: the last so many, of one step or of all", async (rows) => {
    const run = new SampleRun("run_1");
    const lines = Array.from({ length: 20 }, (_, n) => line(n % 2 ? "step1" : "step0", n, `line ${n}\n"é"`));
    await session(rows, async (store) => {
      await store.commit([{ ...run.start(), logs: lines.slice(0, 5) }]);
      await store.commit([{ run: run.run, events: [], changed: [], logs: lines.slice(5) }]);
    });
    await session(rows, async (store) => {
      assert.deepEqual(await store.logs("run_1", undefined, 100), lines);
      assert.deepEqual(await store.logs("run_1", undefined, 3), lines.slice(-3));
      const ofStep = lines.filter(({ path }) => path === "step1");
      assert.deepEqual(await store.logs("run_1", "step1", 4), ofStep.slice(-4));
      assert.deepEqual(await store.logs("run_2", undefined, 3), []);
    });
  });
}
