/** A handler with one `ctx.run` per step, served by this process to a single-node Restate server, as it comes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http2";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { load, measure } from "./load.mjs";
import { freePort } from "./ports.mjs";

process.env.RESTATE_LOGGING = "ERROR";
// The SDK leans on it, and Node 20 does not have it.
Promise.withResolvers ??= () => {
  let resolve, reject;
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};
const { createEndpointHandler, service } = await import("@restatedev/restate-sdk");

const chain = service({
  name: "chain",
  handlers: {
    run: async (context) => {
      for (let n = 0; n < load.steps; n++) await context.run(`s${n}`, () => null);
      return null;
    },
  },
});
const endpoint = createServer(createEndpointHandler({ services: [chain] })).listen(0, "127.0.0.1");
await once(endpoint, "listening");

const [node, ingress, admin] = [await freePort(), await freePort(), await freePort()];
const packageFile = createRequire(import.meta.url).resolve("@restatedev/restate-server-linux-x64/package.json");
const server = spawn(
  join(dirname(packageFile), "bin/restate-server"),
  [
    "--listen-mode",
    "tcp",
    "--bind-ip",
    "127.0.0.1",
    "--bind-port",
    String(node),
    "--advertised-host",
    "127.0.0.1",
  ].concat(["--base-dir", load.folder, "--node-name", "bench", "--no-logo", "--log-filter", "off"]),
  {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DISABLE_TELEMETRY: "true",
      DO_NOT_TRACK: "1",
      RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: "256MB",
    },
  },
);
try {
  const given = { method: "POST", headers: { "content-type": "application/json" } };
  const uri = `http://127.0.0.1:${endpoint.address().port}`;
  await answered(`http://127.0.0.1:${admin}/deployments`, { ...given, body: JSON.stringify({ uri }) });
  await answered(`http://127.0.0.1:${ingress}/chain/run`, given);
  await measure(async () => {
    const response = await fetch(`http://127.0.0.1:${ingress}/chain/run`, given);
    if (!response.ok) throw new Error(`restate answers ${response.status}: ${await response.text()}`);
    await response.text();
  });
} finally {
  server.kill("SIGTERM");
  await once(server, "close");
  endpoint.close();
}
process.exit();

/** Asks until it is answered well: the server takes a moment to start, and to learn of a deployment. */
async function answered(url, options) {
  let problem;
  for (let tries = 0; tries < 100; tries++) {
    try {
      const response = await fetch(url, options);
      const text = await response.text();
      if (response.ok) return;
      problem = `${response.status} ${text}`;
    } catch (error) {
      problem = error.cause ?? error;
    }
    if (server.exitCode !== null) break;
    await sleep(100);
  }
  throw new Error(`no good answer of ${url}: ${problem}`);
}
