/** A flow of jobs, each the child of the next, on a Redis of its own with `appendfsync everysec`. */
import { FlowProducer, QueueEvents, Worker } from "bullmq";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { load, measure } from "./load.mjs";
import { freePort } from "./ports.mjs";

const port = await freePort();
const redis = spawn(
  "redis-server",
  ["--bind", "127.0.0.1", "--port", String(port), "--dir", load.folder, "--save", "", "--appendonly", "yes"].concat([
    "--appendfsync",
    "everysec",
    "--maxmemory-policy",
    "noeviction",
  ]),
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  await ready(redis);
  const connection = { host: "127.0.0.1", port, maxRetriesPerRequest: null };
  const queueName = "bench";
  const worker = new Worker(queueName, async () => null, { connection, concurrency: load.inFlight });
  const events = new QueueEvents(queueName, { connection });
  // One listener for all, not one per job.
  const waiting = new Map();
  events.on("completed", ({ jobId }) => waiting.get(jobId)?.());
  await Promise.all([worker.waitUntilReady(), events.waitUntilReady()]);
  const flows = new FlowProducer({ connection });

  let started = 0;
  const flow = (run, step) => ({
    name: `s${step}`,
    queueName,
    data: null,
    opts: { jobId: `${run}-s${step}` },
    ...(step > 0 && { children: [flow(run, step - 1)] }),
  });
  await measure(async () => {
    const run = `run-${started++}`;
    const last = `${run}-s${load.steps - 1}`;
    const ended = new Promise((resolve) => waiting.set(last, resolve));
    await flows.add(flow(run, load.steps - 1));
    await ended;
    waiting.delete(last);
  });
  await Promise.all([worker.close(), events.close(), flows.close()]);
} finally {
  redis.kill("SIGTERM");
  await once(redis, "close");
}

function ready(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
      if (said.includes("Ready to accept connections")) resolve();
    });
  });
}
