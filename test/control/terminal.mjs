/**
 * A terminal as a process: `node terminal.mjs <verb> <store> <run> [<reason>]`. Says on stdout, one JSON object per
 * line, who owns the store, what it was told, and how it ended. The steps of its runs are `steps.mjs`.
 *
 * - settle: starts the run `<run>` (or goes on with it) and waits
 * - recover: waits for every open run
 * - pause, resume, cancel, kill: one command
 * - own: opens the store for work, and goes when its stdin ends
 * - idle: opens the store, and does nothing more
 * - contest: opens and leaves the store `<run>` times, and tells the witness
 */
import { appendFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { command } from "../../dist/src/cli/desk/command.js";
import { settle, settleOpen } from "../../dist/src/cli/desk/settle.js";
import { createOrchestrator } from "../../dist/src/index.js";

const [verb, store, run, reason] = process.argv.slice(2);
const say = (line) => void writeSync(1, `${JSON.stringify(line)}\n`);

/** first → held → last: `held` waits until the file `go` is beside the store. */
const seen = (name) => ({ folder: "${input}", run: "${run.id}", step: name });
const step = (needs) => ({ kind: "task", run: { uses: "./steps.mjs#step" }, retry: { maximumAttempts: 1 }, ...needs });
const definition = {
  tutti: "1",
  id: "chain",
  version: "1",
  steps: {
    first: step({ input: seen("first") }),
    held: step({ needs: { first: "first" }, input: { ...seen("held"), held: true } }),
    last: step({ needs: { held: "held" }, input: seen("last") }),
  },
};
const folder = fileURLToPath(new URL(".", import.meta.url));
const leave = new AbortController();
process.on("SIGTERM", () => leave.abort(new Error("left")));
const options = {
  engine: { shutdownGrace: 100, abortGrace: 100, report: (line) => say({ report: line }) },
  signal: leave.signal,
  owned: (owner, here) => say({ owner: owner.pid, here }),
  event: ({ type, path, seq, runId }) => say({ run: runId, event: path === undefined ? type : `${type} ${path}`, seq }),
};

async function contest() {
  for (let won = 0; won < Number(run);) {
    try {
      const tutti = await createOrchestrator({ store, report: () => undefined });
      const tell = (what) => appendFileSync(join(dirname(store), "witness"), `${what} ${process.pid}\n`);
      tell("in");
      await new Promise((resolve) => setTimeout(resolve, 3));
      tell("out");
      await tutti.close();
      won++;
    } catch (error) {
      if (error.code !== "STORE_LOCKED") throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

const verbs = {
  settle: async () => {
    const file = { definition, file: "chain.yaml", folder };
    const { id, status, steps } = await settle(
      store,
      { file, input: dirname(store), options: { runId: run } },
      options,
    );
    say({ settled: status, id, steps: Object.values(steps).map(({ recoveries }) => recoveries) });
  },
  recover: async () => say({ settled: await settleOpen(store, options) }),
  own: async () => {
    const tutti = await createOrchestrator({ store });
    say({ owner: process.pid, here: true });
    for await (const _ of process.stdin);
    await tutti.close();
  },
  idle: async () => void (await createOrchestrator({ store })),
  contest,
};
try {
  await (verbs[verb] ?? (() => command(store, run, verb, reason)))();
  say({ done: verb });
} catch (error) {
  say({ error: error.code ?? error.message, data: error.data });
  process.exitCode = 1;
}
