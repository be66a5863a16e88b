/** Agents at their worst, through the whole orchestrator: each ends as specified, its neighbours do not notice. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Agent } from "../../src/agent/define.ts";
import { agent } from "../../src/agent/define.ts";
import type { RunInfo } from "../../src/facets/view.ts";
import { createOrchestrator } from "../../src/orchestrator.ts";
import { openSqlite } from "../../src/store/sqlite/open.ts";
import { workflow } from "../../src/workflow/define.ts";
import { verifies } from "../verifies.ts";
import { processesOf } from "./orphans.ts";

const SICK = fileURLToPath(new URL("../../src/executor/process/fixtures/bad.sh", import.meta.url));
const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

const returns = (value: () => unknown) => ({ run: value });
const throws = (thrown: unknown) => ({
  run: () => {
    throw thrown;
  },
});
const program = (name: string) => ({ process: { command: ["/bin/sh", SICK, name], signalGrace: "100ms" } as const });

/** By id: how it is reached, and how its step must end. Two attempts are made, where the failure is of a kind retried. */
const AGENTS: readonly (readonly [string, object, object])[] = [
  ["undefined", returns(() => undefined), { status: "completed", output: null, attempts: 1 }],
  ["five-mb", returns(() => "x".repeat(5_000_000)), { status: "completed", attempts: 1 }],
  ["function", returns(() => () => 1), refused("RESULT_INVALID")],
  ["cycle", returns(() => cycle), refused("RESULT_INVALID")],
  ["bigint", returns(() => ({ n: 1n })), refused("RESULT_INVALID")],
  ["two-hundred-mb", returns(() => "x".repeat(200_000_000)), refused("RESULT_TOO_LARGE")],
  ["throws-a-string", throws("plain words"), failed({ kind: "agent_error", message: "plain words" })],
  ["never-returns", returns(() => new Promise(() => {})), failed({ kind: "timeout", code: "START_TO_CLOSE" })],
  ["program-five-mb", program("five-megabytes"), { status: "completed", attempts: 1 }],
  ["program-two-hundred-mb", program("two-hundred-megabytes"), refused("RESULT_TOO_LARGE")],
  ["program-exits-1", program("exit-1"), failed({ kind: "agent_error" })],
  ["program-garbage", program("garbage"), refused()],
  ["program-forks", program("grandchildren"), { status: "completed", output: "left a session behind" }],
  ["program-hangs", program("hang"), failed({ kind: "timeout", code: "START_TO_CLOSE" })],
  ["program-ignores-sigterm", program("stubborn"), failed({ kind: "timeout", code: "START_TO_CLOSE" })],
];

const timesOut = (end: object): boolean => JSON.stringify(end).includes("START_TO_CLOSE");

function refused(code?: string): object {
  return { status: "failed", attempts: 1, error: { kind: "validation_error", ...(code && { code }) } };
}

function failed(error: object): object {
  return { status: "failed", attempts: 2, error };
}

const sickAgents = AGENTS.map(([id, reach]) => agent({ id, capabilities: [id], ...reach } as never) as Agent);

/** A step for each, all at once; one that takes what there is, of all but one, whose failure therefore counts. */
const sick = workflow({ id: "sick", version: "1", onFailure: "partial" }, (w) => {
  const retry = { maximumAttempts: 2, initialIntervalMs: 1 };
  const steps = AGENTS.map(([id, , end]) => {
    const timeout = timesOut(end) ? "500ms" : "30s";
    return [id, w.task(id, { agent: id, input: null, retry, timeout })] as const;
  });
  const needs = Object.fromEntries(steps.filter(([id]) => id !== "throws-a-string"));
  const report = w.task("report", {
    needs,
    join: "settled",
    run: ({ needs: ends }) => Object.values(ends).filter(({ status }) => status === "completed").length,
  });
  return { report };
});

const healthy = workflow({ id: "healthy", version: "1" }, (w) => {
  const first = w.task("first", { run: () => "fine" });
  return { last: w.task("last", { needs: { first }, run: ({ needs }) => needs.first }) };
});

describe("bad agents", () => {
  let folder: string;
  let info: RunInfo;
  let beside: { readonly output: unknown; readonly sickWas: string | undefined };
  let left: readonly string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tutti-agents-"));
    const store = await openSqlite(join(folder, "tutti.db"));
    const tutti = await createOrchestrator({ store, agents: sickAgents, abortGrace: "200ms", report: () => {} });
    const run = await tutti.runs.start(sick, null);
    const other = await tutti.runs.start(healthy, null);
    const output = await other.result();
    beside = { output, sickWas: (await tutti.runs.get(run.id))?.status };
    await run.result();
    info = await run.get();
    await tutti.close();
    left = processesOf(store.id);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(AGENTS)("%s ends its step as specified", verifies("001-F126"), (id, _reach, end) => {
    expect(info.steps[id]).toMatchObject(end);
  });

  test("what is independent of them goes on, and the run has what there is", verifies("001-F095", "001-F097"), () => {
    const completed = AGENTS.filter(([, , end]) => "status" in end && end.status === "completed").length;
    expect(info).toMatchObject({ status: "completed", partial: true, output: { report: completed } });
  });

  test("a run beside theirs completes while they are still at it", () => {
    expect(beside).toEqual({ output: { last: "fine" }, sickWas: "running" });
  });

  test("nothing is left running", verifies("001-F106"), () => {
    expect(left).toEqual([]);
  });
});
