/**
 * One measurement in a process of its own, on the built package: `node measure.mjs <what> <numbers> <folder>`. Prints
 * one line of JSON. Times are ms, per-step times µs, sizes bytes.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { agent, createOrchestrator, validate, workflow } from "../../dist/src/index.js";

const [what, argument, folder] = process.argv.slice(2);
const numbers = argument.split(",").map(Number);
const store = join(folder, "tutti.db");

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** When each step ran. */
let times = [];
const noop = () => {
  times.push(performance.now());
  return null;
};

/** `last`: an agent for the last step. */
function chain(length, last) {
  return workflow({ id: `chain-${length}`, version: "1" }, (w) => {
    let before;
    for (let n = 0; n < length; n++) {
      const needs = { ...(before && { needs: { before } }), input: null };
      const own = last && n === length - 1 ? { agent: last, timeout: "1h" } : { run: noop };
      before = w.task(`s${n}`, { ...needs, ...own });
    }
    return {};
  });
}

/** One step, then all the others that need nothing else, then one that needs them all. */
function fan(steps) {
  return workflow({ id: `fan-${steps}`, version: "1" }, (w) => {
    const first = w.task("first", { input: null, run: noop });
    const needs = {};
    for (let n = 0; n < steps - 2; n++) needs[`n${n}`] = w.task(`s${n}`, { needs: { first }, input: null, run: noop });
    w.task("last", { needs, input: null, run: noop });
    return {};
  });
}

/** One step, then one for an agent that is not there, then eight more. */
function waiting() {
  return workflow({ id: "waiting", version: "1" }, (w) => {
    let before = w.task("s0", { input: null, run: noop });
    before = w.task("s1", { needs: { before }, input: null, agent: "absent" });
    for (let n = 2; n < 10; n++) before = w.task(`s${n}`, { needs: { before }, input: null, run: noop });
    return {};
  });
}

function timed(work) {
  const started = performance.now();
  const value = work();
  return { value, ms: performance.now() - started };
}

/** As if it came from elsewhere: what the builder has checked is not checked again. */
function validatedMs({ definition }) {
  const copy = JSON.parse(JSON.stringify(definition));
  const { value, ms } = timed(() => validate(copy));
  if (value.problems.length > 0) throw new Error(JSON.stringify(value.problems));
  return ms;
}

async function toTheEnd(tutti, one) {
  times = [];
  const started = performance.now();
  const run = await tutti.runs.start(one, null);
  await run.result();
  return performance.now() - started;
}

/** How often chains of the 1st, 2nd, 3rd length are run in ten rounds: spread out, so that all see the same machine. */
const OFTEN = [10, 2, 1];

async function chains() {
  const sizes = numbers.map((length) => ({ length, built: timed(() => chain(length)), each: [], ms: 0 }));
  const tutti = await createOrchestrator({ store, workflows: sizes.map(({ built }) => built.value) });
  for (let warm = 0; warm < 5_000; warm += numbers[0]) await toTheEnd(tutti, sizes[0].built.value);
  for (let round = 0; round < 10; round++) {
    for (const [index, size] of sizes.entries()) {
      const often = OFTEN[index];
      if (round % (10 / often) !== Math.floor(5 / often)) continue;
      size.ms = await toTheEnd(tutti, size.built.value);
      for (let n = 1; n < times.length; n++) size.each.push((times[n] - times[n - 1]) * 1_000);
    }
  }
  await tutti.close();
  return sizes.map(({ length, built, each, ms }) => ({
    steps: length,
    builtMs: built.ms,
    validatedMs: validatedMs(built.value),
    ms,
    medianUs: median(each),
    meanUs: each.reduce((sum, one) => sum + one, 0) / each.length,
    measured: each.length,
  }));
}

async function fans() {
  const built = timed(() => fan(numbers[0]));
  const tutti = await createOrchestrator({ store, workflows: [built.value] });
  const ms = await toTheEnd(tutti, built.value);
  await tutti.close();
  return { steps: times.length, builtMs: built.ms, validatedMs: validatedMs(built.value), ms };
}

/** Heap of open runs that wait, each with its first step done. */
async function heap() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const used = async () => {
    // What only waits for the next turn of the loop is not resident.
    for (let n = 0; n < 3; n++) {
      collect();
      await sleep(10);
    }
    return process.memoryUsage().heapUsed;
  };
  const one = waiting();
  const [runs] = numbers;
  const tutti = await createOrchestrator({ store, workflows: [one], maxConcurrentRuns: runs + 100 });
  const open = async (count) => {
    let left = count;
    const all = new Promise((resolve) => {
      const off = tutti.on("step.completed", () => void (--left === 0 && resolve(off)));
    });
    for (let n = 0; n < count; n += 100)
      await Promise.all(Array.from({ length: Math.min(100, count - n) }, () => tutti.runs.start(one, { order: n })));
    (await all)();
    times = [];
  };
  await open(100);
  const before = await used();
  await open(runs);
  const bytes = (await used()) - before;
  let waitingRuns = -100;
  for (let cursor; ;) {
    const page = await tutti.runs.list({ status: ["running"], limit: 1_000, ...(cursor && { cursor }) });
    waitingRuns += page.items.length;
    cursor = page.nextCursor;
    if (!cursor) break;
  }
  await tutti.close();
  return { waiting: waitingRuns, bytesPerRun: bytes / runs };
}

const [runs, steps] = numbers;
let going = 0;
let allGoing;
const whenAllGoing = new Promise((resolve) => (allGoing = resolve));
/** Never comes to an end by itself. */
const last = agent({
  id: "last",
  capabilities: ["last"],
  maxConcurrency: 100_000,
  run: () => {
    if (++going === runs) allGoing();
    return new Promise(() => {});
  },
});
const options = { store, agents: [last], maxConcurrentRuns: 100_000, maxConcurrentTasks: 100_000 };

/** Leaves `runs` runs behind whose last of `steps` steps is under way, and is killed. */
async function leave() {
  const one = chain(steps, last);
  const tutti = await createOrchestrator({ ...options, workflows: [one] });
  for (let n = 0; n < runs; n += 100)
    await Promise.all(Array.from({ length: Math.min(100, runs - n) }, () => tutti.runs.start(one, null)));
  await whenAllGoing;
  process.kill(process.pid, "SIGKILL");
}

/** From opening the store to the last of those runs going on. */
async function recover() {
  const one = chain(steps, last);
  const started = performance.now();
  await createOrchestrator({ ...options, workflows: [one] });
  const openMs = performance.now() - started;
  await whenAllGoing;
  const goingMs = performance.now() - started;
  console.log(JSON.stringify({ runs, steps, openMs, goingMs }));
  process.kill(process.pid, "SIGKILL");
}

const measures = { chains, fan: fans, heap, leave, recover };
console.log(JSON.stringify(await measures[what]()));
