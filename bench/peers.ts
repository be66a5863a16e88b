/** Others under the same load, each in a process of its own. They are installed in bench/peers, or skipped. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Load } from "./load.ts";

/** This runs as dist/bench/peers.js. */
const FOLDER = fileURLToPath(new URL("../../bench/peers/", import.meta.url));
const LONGEST_MS = 180_000;

export interface Peer {
  readonly name: string;
  readonly program: string;
  readonly variant?: string;
  /** Fewer where it is slow: the rate is per step all the same. */
  readonly runs: number;
  readonly packages: readonly string[];
  /** What is safe once a step's end is acknowledged. */
  readonly survives: string;
}

const LANGGRAPH = {
  program: "langgraph.mjs",
  runs: 200,
  packages: ["@langchain/langgraph", "@langchain/langgraph-checkpoint-sqlite", "better-sqlite3"],
};

export const PEERS: readonly Peer[] = [
  { name: "LangGraph.js, durability sync", variant: "sync", ...LANGGRAPH, survives: "power loss" },
  { name: "LangGraph.js, durability async", variant: "async", ...LANGGRAPH, survives: "power loss, a step behind" },
  {
    name: "BullMQ, AOF everysec",
    program: "bullmq.mjs",
    runs: 2_000,
    packages: ["bullmq", "ioredis"],
    survives: "power loss, a second behind",
  },
  {
    name: "Restate, one node",
    program: "restate.mjs",
    runs: 2_000,
    packages: ["@restatedev/restate-sdk", "@restatedev/restate-server-linux-x64"],
    survives: "power loss",
  },
];

/** Why a peer cannot be measured here. */
export function absence({ program, packages }: Peer): string | undefined {
  if (!packages.every((name) => existsSync(`${FOLDER}node_modules/${name}`)))
    return "not installed (npm run bench:peers)";
  if (program === "bullmq.mjs" && redisVersion() === undefined) return "there is no redis-server on the PATH";
  return undefined;
}

export function peerVersions({ program, packages }: Peer): string {
  const versions = packages.map((folder) => {
    const { name, version } = JSON.parse(readFileSync(`${FOLDER}node_modules/${folder}/package.json`, "utf8")) as {
      readonly name: string;
      readonly version: string;
    };
    return name === folder ? `${name} ${version}` : `${name} ${version} as ${folder}`;
  });
  return [...versions, ...(program === "bullmq.mjs" ? [`redis-server ${redisVersion()}`] : [])].join(", ");
}

function redisVersion(): string | undefined {
  return /v=(\S+)/.exec(spawnSync("redis-server", ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1];
}

/** Steps per second. Its programs are told the load as arguments and answer with a line of JSON (peers/load.mjs). */
export async function measurePeer({ name, program, variant, runs }: Peer, load: Load, folder: string): Promise<number> {
  const numbers = [runs, load.steps, load.inFlight].map(String);
  // A group of its own: whatever it started ends with it.
  const child = spawn(process.execPath, [FOLDER + program, ...numbers, folder, ...(variant ? [variant] : [])], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const group = -(child.pid ?? 0);
  const tooLong = setTimeout(() => process.kill(group, "SIGKILL"), LONGEST_MS);
  let answer = "";
  let complaint = "";
  child.stdout.on("data", (text) => (answer += text));
  child.stderr.on("data", (text) => (complaint = `${complaint}${text}`.slice(0, 2_000)));
  const end = await new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(`${signal ?? code}`));
  });
  clearTimeout(tooLong);
  if (end !== "0") throw new Error(`${name} ended with ${end}: ${complaint}`);
  const { steps, ms } = JSON.parse(answer) as { readonly steps: number; readonly ms: number };
  return (steps * 1_000) / ms;
}
