/**
 * An engine on a disk of its own that fills up: `node full.mjs <folder> <copy>`. Prints one line of JSON. The disk is
 * seen by this process alone, so the store is copied out before it ends.
 */
import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createOrchestrator, workflow } from "../../../dist/src/index.js";

const [folder, copy] = process.argv.slice(2);
const ballast = join(folder, "ballast");
writeFileSync(ballast, Buffer.alloc(6_500_000));

let refusals = 0;
let refusedTwice;
const full = new Promise((resolve) => (refusedTwice = resolve));
const tutti = await createOrchestrator({
  store: join(folder, "store.db"),
  report: () => ++refusals === 2 && refusedTwice(),
});
const flow = workflow({ id: "flow", version: "1" }, (w) => {
  const text = w.task("text", { run: async () => "x".repeat(20_000) });
  return { text, length: w.task("length", { needs: { text }, run: ({ needs }) => needs.text.length }) };
});

const promised = [];
let isFull = false;
let promisedWhileFull = 0;
async function play(n) {
  const run = await tutti.runs.start(flow, null, { runId: `run-${n}` });
  const { length } = await run.result();
  promised.push([run.id, length]);
  if (isFull) promisedWhileFull++;
}

// More than there is room for; one after the other, so that some end before it is full.
const played = (async () => {
  for (let n = 0; n < 12; n++) await play(n);
})();
await full;
isFull = true;
const before = [...promised];
let readWhileFull = 0;
for (const [id, length] of before) {
  const run = await tutti.runs.get(id);
  if (run.status === "completed" && run.steps.length.output === length) readWhileFull++;
}
const { items } = await tutti.runs.list();
if (items.length < before.length) readWhileFull = 0;
isFull = false;
rmSync(ballast);
await played;
await tutti.close();
for (const end of ["", "-wal"]) {
  const path = join(folder, `store.db${end}`);
  if (existsSync(path)) copyFileSync(path, `${copy}${end}`);
}
process.stdout.write(JSON.stringify({ promisedWhileFull, readWhileFull, refusals, promised }));
