/** The protocol over a real socket, with a real engine behind it. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WorkflowFile } from "../../host/document.ts";
import { ownerOf } from "../../host/owner.ts";
import { createOrchestrator } from "../../orchestrator.ts";
import type { Orchestrator } from "../../orchestrator.ts";
import { systemClock } from "../../std/clock.ts";
import { workflow } from "../../workflow/define.ts";
import { ControlClient } from "./client.ts";

let folder: string;
let store: string;
let tutti: Orchestrator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tutti-control-"));
  store = join(folder, "store.db");
  tutti = await createOrchestrator({ store, progressIntervalMs: 0 });
});
afterEach(async () => {
  await tutti.close();
  rmSync(folder, { recursive: true });
});

const never = new AbortController().signal;

function socketOf(path = store): string {
  const socket = ownerOf(path)?.socket;
  if (socket === undefined) throw new Error("nobody listens");
  return socket;
}

async function client(): Promise<ControlClient> {
  const made = await ControlClient.connect(socketOf(), systemClock);
  if (!made) throw new Error("nobody listens");
  return made;
}

/** A document whose steps are programs: nothing of it is in this process. */
function chain(length: number, program: readonly string[] = ["/bin/cat"]): WorkflowFile {
  const ids = Array.from({ length }, (_, n) => `s${n}`);
  const steps = ids.map((id, n) => [
    id,
    { kind: "task", agent: { id: "cat" }, ...(n > 0 && { needs: { before: ids[n - 1] } }) },
  ]);
  const agents = [{ id: "cat", capabilities: ["cat"], version: "1.0.0", process: { command: program } }];
  const definition = { tutti: "1", id: "chain", version: "1", agents, steps: Object.fromEntries(steps) };
  return { definition: definition as unknown as WorkflowFile["definition"], file: "chain.yaml", folder };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

test("a run is started, followed to its end and read through the socket as it is here", async () => {
  await using other = await client();
  await other.start(chain(3), { n: 1 }, { runId: "far", tags: ["t"] });
  const events = all(other.events("far", 0, never));
  const progress = await all(other.progress("far", never));
  expect(progress.at(-1)).toMatchObject({ status: "completed", ended: 3 });
  expect((await events).map(({ seq }) => seq)).toEqual(Array.from({ length: (await events).length }, (_, n) => n + 1));
  expect(await other.get("far")).toEqual(JSON.parse(JSON.stringify(await tutti.runs.get("far"))));
  expect((await other.list({ tag: "t", status: ["completed"] })).items).toMatchObject([{ id: "far" }]);
  expect(await other.logs("far")).toEqual([]);
  expect(await other.get("nothing")).toBeUndefined();
});
