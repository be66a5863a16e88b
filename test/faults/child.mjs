/**
 * The engine that gets killed: `node child.mjs <config.json> <life>`. Opens the store, starts every run of the plan
 * (again), disturbs them, waits until all have ended and exits 0. What it is told of is written down at once:
 *
 * - witness: one line when a step's code begins and one when it ends, by whoever executes it
 * - acks: one line when something is asked of a run, one when its promise has settled
 *
 * CRASH=<point>:<n> kills it when it comes to a point for the n-th time: commit.before, commit.after, start, end, ack.
 * BROKEN=ack | commit makes it lie, so that the oracle can be seen to notice.
 */
import { randomUUID } from "node:crypto";
import { openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { setImmediate as soon, setTimeout as sleep } from "node:timers/promises";
import { agent, createOrchestrator, TaskError, TuttiError, workflow } from "../../dist/src/index.js";
import { seeded } from "../../dist/src/std/random.js";
import { openSqlite } from "../../dist/src/store/sqlite/open.js";

const config = JSON.parse(readFileSync(process.argv[2], "utf8"));
const life = Number(process.argv[3]);
const random = seeded(config.seed * 1000 + life);
const [crashPoint, crashAt] = (process.env.CRASH ?? "never:0").split(":");
const broken = process.env.BROKEN;

let reached = 0;
function pass(point) {
  if (point === crashPoint && ++reached === Number(crashAt)) process.kill(process.pid, "SIGKILL");
}

const append = (path) => {
  const file = openSync(path, "a");
  return (line) => void writeSync(file, `${JSON.stringify(line)}\n`);
};
const witness = append(config.witness);
const acks = append(config.acks);

/** Too large for a row; the witness is shown its size. */
const PAD = "x".repeat(70_000);
const trimmed = (value) => JSON.parse(JSON.stringify(value, (_key, item) => (item === PAD ? PAD.length : item)));

/** What a function agent or inline code does: what the plan says for its path. `calm`: at once, unseen. */
function executor(byPath, calm) {
  return async (input, context) => {
    const { runId, path, attempt, idempotencyKey: key } = context;
    const { ms, fails, kind, hangs, large } = byPath.get(`${runId}/${path}`);
    const once = randomUUID();
    const about = { key, run: runId, path, attempt, once, by: "function" };
    if (!calm) {
      witness({ what: "start", ...about, needs: trimmed(input.needs ?? input) });
      pass("start");
      if (hangs && attempt <= fails) await stopped(context.signal);
      if (ms > 0) await sleep(ms);
      witness({ what: "end", ...about });
      pass("end");
    }
    if (attempt > fails) return large ? { once, pad: PAD } : { once };
    if (kind === "agent_error") throw new Error("as planned");
    throw new TaskError(kind, "as planned");
  };
}

function stopped(signal) {
  return new Promise((resolve) => signal.addEventListener("abort", resolve));
}

function builtRun(run, execute, calm) {
  const add = (w, steps) => {
    const handles = new Map();
    for (const step of steps) {
      const needs = Object.fromEntries(Object.entries(step.needs).map(([name, id]) => [name, handles.get(id)]));
      const options = { ...common(step), needs };
      handles.set(step.id, step.by === "choose" ? choose(w, step, options) : task(w, step, options));
    }
  };
  const choose = (w, step, options) =>
    w.choose(step.id, {
      ...options,
      by: () => step.take,
      branches: Object.fromEntries(Object.entries(step.branches).map(([name, steps]) => [name, (w) => add(w, steps)])),
    });
  const task = (w, step, options) => {
    if (step.by === "agent") return w.task(step.id, { ...options, agent: "worker" });
    if (step.by === "inline" || calm) return w.task(step.id, { ...options, run: execute });
    return w.task(step.id, { ...options, agent: programFor(step), input: ({ needs }) => trimmed(needs) });
  };
  const { id, onFailure, failFast, concurrency } = run;
  const options = { id, version: "1", onFailure, failFast, ...(concurrency && { concurrency }) };
  return workflow(options, (w) => add(w, run.steps));
}

const common = ({ join, rest, when, attempts, kind, handler, hangs }) => ({
  retry: { maximumAttempts: attempts, initialIntervalMs: 3, backoffCoefficient: 1 },
  ...(hangs && { timeout: "50ms" }),
  ...(join && { join }),
  ...(rest && { rest }),
  ...(when !== undefined && { when: () => when }),
  ...(handler && { onError: { [kind]: handler.asked ? () => handler.choice : handler.choice } }),
});

const programs = new Map();
function programFor({ fails, ms }) {
  const id = `program-${fails}-${ms}`;
  const command = ["/bin/sh", config.program, config.witness, String(fails), (ms / 1000).toFixed(3)];
  if (!programs.has(id)) programs.set(id, agent({ id, capabilities: [id], process: command }));
  return programs.get(id);
}

async function opened(store, calm) {
  const byPath = new Map();
  for (const run of config.runs) for (const [path, step] of placed(run.steps, `${run.id}/`)) byPath.set(path, step);
  const execute = executor(byPath, calm);
  const helper = async (input, context) => {
    byPath.set(`${context.runId}/${context.path}`, { ms: 1, fails: 0 });
    return execute(input, context);
  };
  const workflows = config.runs.map((run) => builtRun(run, execute, calm));
  const agents = [
    agent({ id: "worker", capabilities: ["work"], maxConcurrency: 4, run: execute }),
    agent({ id: "helper", capabilities: ["help"], run: helper }),
  ];
  return { workflows, tutti: await createOrchestrator({ store, workflows, agents, maxConcurrentTasks: 6 }) };
}

function* placed(steps, prefix) {
  for (const step of steps) {
    yield [`${prefix}${step.id}`, step];
    for (const [name, inner] of Object.entries(step.branches ?? {}))
      yield* placed(inner, `${prefix}${step.id}:${name}/`);
  }
}

/** The store as it is, but for the points at which to die, and the lie. */
function crashing(store) {
  const commit = async (commits) => {
    // In every other life a commit takes a while, and whoever does not wait for it gets ahead of it.
    if (life % 2 === 0) await soon();
    pass("commit.before");
    await store.commit(commits);
    pass("commit.after");
  };
  const lying = async (commits) => void setTimeout(() => store.commit(commits), 30);
  return new Proxy(store, {
    get(target, name) {
      if (name === "commit") return broken === "commit" ? lying : commit;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Asks something of a run, and writes down that it was asked and what came of it. */
async function ask(run, verb, request) {
  acks({ what: "asked", run, verb });
  try {
    const answer = request();
    if (broken === "ack") acks({ what: "done", run, verb });
    await answer;
    if (broken !== "ack") acks({ what: "done", run, verb });
    pass("ack");
  } catch (error) {
    if (!(error instanceof TuttiError)) throw error;
    acks({ what: "refused", run, verb, code: error.code });
  }
}

async function disturb(plan, handle) {
  if (plan.pauses) {
    // What an earlier life may have left paused.
    await ask(plan.id, "resume", () => handle.resume());
    for (let times = 0; times < 2; times++) {
      await sleep(random() * 150);
      await ask(plan.id, "pause", () => handle.pause());
      await sleep(random() * 30);
      await ask(plan.id, "resume", () => handle.resume());
    }
  }
  if (plan.stops) {
    await sleep(random() * 600);
    if (random() < 0.5) await ask(plan.id, plan.stops, () => handle[plan.stops]());
  }
}

async function toTheEnd({ tutti, workflows }, eachRun) {
  await Promise.all(
    config.runs.map(async (plan, index) => {
      const start = () => tutti.runs.start(workflows[index], null, { runId: plan.id });
      await eachRun(plan, start);
      await tutti.runs
        .handle(plan.id)
        .result()
        .catch(() => undefined);
    }),
  );
}

/** How every step of every run ends when nobody disturbs it. */
async function undisturbed() {
  const { tutti, workflows } = await opened(":memory:", true);
  await toTheEnd({ tutti, workflows }, (_plan, start) => start());
  const ends = {};
  for (const { id } of config.runs) {
    const run = await tutti.runs.get(id);
    const steps = Object.entries(run.steps).map(([path, { status, reason }]) => [path, reason ?? status]);
    ends[id] = { status: run.status, steps: Object.fromEntries(steps) };
  }
  await tutti.close();
  return ends;
}

const { tutti, workflows } = await opened(crashing(await openSqlite(config.db)), false);
process.stdout.write("open\n");
await toTheEnd({ tutti, workflows }, async (plan, start) => {
  await ask(plan.id, "start", start);
  await disturb(plan, tutti.runs.handle(plan.id));
});
await tutti.close();
writeFileSync(config.expected, JSON.stringify(await undisturbed()));
