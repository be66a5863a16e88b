/**
 * An engine at work on a store, told of aloud: `node recorder.mjs <config as JSON>`. Before a commit it writes what it
 * is about to commit to the file `notes`, after it what is now promised; whoever records its calls sees these lines in
 * their place among the writes and syncs of the store.
 *
 * config: db, notes, kind (below), programs (whether there is a step that is one), first and last (numbers of its runs), lives (each opens the store and has such runs).
 */
import { openSync, writeSync } from "node:fs";
import { agent, createOrchestrator, workflow } from "../../../dist/src/index.js";
import { systemClock } from "../../../dist/src/std/clock.js";
import { DurableStore } from "../../../dist/src/store/durable.js";
import { openWriter } from "../../../dist/src/store/sqlite/connection.js";
import { openSqlite } from "../../../dist/src/store/sqlite/open.js";
import { Place } from "../../../dist/src/store/sqlite/place.js";
import { SqliteRows } from "../../../dist/src/store/sqlite/rows.js";

const config = JSON.parse(process.argv[2]);
const notes = openSync(config.notes, "a");
const note = (line) => void writeSync(notes, `${JSON.stringify(line)}\n`);

/** The store's own rows over a connection on which something is changed, after each commit. */
async function changedStore(change) {
  // Makes the file and its tables.
  const made = await openSqlite(config.db);
  await made[Symbol.asyncDispose]();
  const db = openWriter(config.db);
  change(db, 0);
  const rows = new SqliteRows(db, {
    id: made.id,
    name: config.db,
    die: (line) => {
      throw new Error(line);
    },
    place: new Place([config.db], systemClock),
    onClose: () => undefined,
  });
  let commits = 0;
  return telling(new DurableStore(rows), () => change(db, ++commits));
}

const KINDS = {
  /** The product as it is. */
  product: async () => telling(await openSqlite(config.db), () => undefined),
  /** As the product does when its log has grown, but often: pages go home, and the log begins anew. */
  checkpoints: () => changedStore((db, commits) => void (commits % 4 === 3 && checkpoint(db))),
  /** Transactions that do not fit into the cache are written to the log before they are committed. */
  cache: () =>
    changedStore((db, commits) => {
      if (commits === 0) db.exec("PRAGMA cache_size = 2");
      if (commits % 9 === 8) checkpoint(db);
    }),
  /** Not the product: what it would be with the driver's own defaults. */
  normal: () => changedStore((db, commits) => void (commits === 0 && db.exec("PRAGMA synchronous = NORMAL"))),
};

function checkpoint(db) {
  db.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
}

function telling(store, committed) {
  const commit = async (batch) => {
    const positions = batch.map(({ run }) => [run.id, run.seq]);
    note({ asks: positions });
    await store.commit(batch);
    note({ holds: positions });
    committed();
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === "commit") return commit;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const sized = (n) => ({ n, text: "x".repeat(n % 7 === 3 ? 9_000 : 40) });
const worker = agent({
  id: "worker",
  capabilities: ["work"],
  run: async ({ n }, context) => {
    begin(context);
    return n % 11 === 10 ? { n, text: "large ".repeat(12_000) } : sized(n);
  },
});
/** Is done long before its time is over, unless nobody looks. */
const program = agent({ id: "program", capabilities: ["wait"], process: ["/bin/sh", "-c", "sleep 0.05; echo 5"] });
const begin = ({ runId, path }) => note({ began: `${runId}/${path}` });

const diamond = workflow({ id: "diamond", version: "1" }, (w) => {
  const first = w.task("first", {
    run: async (_input, context) => {
      begin(context);
      return { n: Number(context.runId.replace("run-", "")) };
    },
  });
  const left = w.task("left", { needs: { first }, agent: worker, input: ({ needs }) => needs.first });
  const right = w.task("right", {
    needs: { first },
    run: ({ needs }, context) => {
      begin(context);
      return sized(needs.first.n + 1);
    },
  });
  const waited = config.programs
    ? {
        waited: w.task("waited", { needs: { first }, agent: program, timeout: "300ms", retry: { maximumAttempts: 1 } }),
      }
    : {};
  const needs = { left, right, ...waited };
  const both = w.task("both", {
    needs,
    run: ({ needs }, context) => {
      begin(context);
      return needs.left.n + needs.right.n;
    },
  });
  return { both };
});

async function pausedOnce(run) {
  try {
    await run.pause();
    await run.resume();
  } catch (error) {
    // An earlier process brought it to its end.
    if (error.code !== "RUN_ENDED") throw error;
  }
}

async function live(life) {
  const tutti = await createOrchestrator({
    store: await KINDS[config.kind](),
    workflows: [diamond],
    agents: [worker, program],
    maxConcurrentRuns: 3,
  });
  const count = config.last - config.first;
  const numbers = Array.from({ length: count }, (_, index) => config.first + life * count + index);
  const play = async (n) => {
    const runId = `run-${n}`;
    const run = await tutti.runs.start(diamond, null, { runId, tags: ["recorded"] });
    note({ started: runId });
    if (n % 4 === 1) await pausedOnce(run);
    note({ ended: runId, output: await run.result() });
  };
  // Some side by side, so that commits hold several runs, and some one after the other, each in commits of its own.
  const half = Math.ceil(numbers.length / 2);
  await Promise.all(numbers.slice(0, half).map(play));
  for (const n of numbers.slice(half)) await play(n);
  await tutti.close();
}

for (let life = 0; life < (config.lives ?? 1); life++) await live(life);
