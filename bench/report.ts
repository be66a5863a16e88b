/** The figures as Markdown. */
import { readFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import type { Load } from "./load.ts";
import { absence, PEERS, peerVersions } from "./peers.ts";
import { median, ratio } from "./rounds.ts";
import type { Rates } from "./rounds.ts";

/** This runs as dist/bench/report.js. */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a commit survives once it is acknowledged, for what is not a peer. */
const SURVIVES: ReadonlyMap<string, string> = new Map([
  ["Tutti", "power loss"],
  ["limit", "power loss"],
  ["append", "power loss"],
  ...PEERS.map(({ name, survives }): [string, string] => [name, survives]),
]);
const SHOWN: ReadonlyMap<string, string> = new Map([
  ["limit", "limit: the same rows, ready-made, by hand"],
  ["append", "the events' bodies alone, appended"],
]);

/** When, where and what. */
export function machine(): string {
  const version = (path: string): string =>
    (JSON.parse(readFileSync(ROOT + path, "utf8")) as { readonly version: string }).version;
  const db = new DatabaseSync(":memory:");
  const { sqlite } = db.prepare("SELECT sqlite_version() AS sqlite").get() as { sqlite: string };
  db.close();
  const all = cpus();
  const peers = PEERS.filter((peer) => absence(peer) === undefined).map(peerVersions);
  return [
    `${new Date().toISOString()}, Node ${process.versions.node}, ${process.platform} ${release()}, ` +
      `${all.length} × ${all[0]?.model.trim() ?? "CPU"}.`,
    `Tutti ${version("package.json")} on SQLite ${sqlite} ` +
      `(@photostructure/sqlite ${version("node_modules/@photostructure/sqlite/package.json")}, WAL, synchronous = FULL).`,
    ...new Set(peers.map((found) => `${found}.`)),
  ].join("\n");
}

/** Of the last minute. */
export function loadAverage(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

export function loadTable({ runs, steps, inFlight }: Load, rates: Rates, rowsPerStep: number): string {
  const lines = [...rates].map(([name, found]) => {
    const peer = PEERS.find((one) => one.name === name);
    const fewer = peer && peer.runs !== runs ? ` (${whole(peer.runs)} runs)` : "";
    const compared = name === "Tutti" ? "" : comparison(ratio(rates, "Tutti", name));
    const spread = `${whole(Math.min(...found))} to ${whole(Math.max(...found))}`;
    return `| ${(SHOWN.get(name) ?? name) + fewer} | ${whole(median(found))} | ${spread} | ${compared} | ${SURVIVES.get(name)} |`;
  });
  const what = runs === 1 ? "One run" : `${whole(runs)} runs`;
  return [
    `${what} of ${whole(steps)} steps that do nothing, ${inFlight} in flight; ${rowsPerStep.toFixed(1)} rows of events and instances per step:`,
    "",
    "| | steps/s, median | lowest to highest | Tutti is | acknowledged survives |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function comparison(times: number): string {
  return times < 2 ? `${Math.round(times * 100)} %` : `${times.toFixed(1)} ×`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
