/** The protocol over a real socket, with a real engine behind it. */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TuttiError } from "../../errors.ts";
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
  tutti = await createOrchestrator({ store, progressIntervalMs: 0, shutdownGrace: 0 });
});
afterEach(async () => {
  await tutti.close();
  rmSync(folder, { recursive: true });
});

const never = new AbortController().signal;

async function client(): Promise<ControlClient> {
  const made = await ControlClient.connect(ownerOf(store)?.socket ?? "", systemClock);
  if (!made) throw new Error("nobody listens");
  return made;
}

/** A document whose steps are programs: nothing of it is in this process. */
function chain(length: number, description = "a chain"): WorkflowFile {
  const steps = Array.from({ length }, (_, n) => [
    `s${n}`,
    { kind: "task", agent: { id: "cat" }, ...(n > 0 && { needs: { before: `s${n - 1}` } }) },
  ]);
  const agents = [{ id: "cat", capabilities: ["cat"], version: "1.0.0", process: { command: ["/bin/cat"] } }];
  const definition = { tutti: "1", id: "chain", version: "1", description, agents, steps: Object.fromEntries(steps) };
  return { definition: definition as unknown as WorkflowFile["definition"], file: "chain.yaml", folder };
}

/** Its step runs until it is told to stop. */
const endless = workflow({ id: "endless", version: "1" }, (w) => {
  const stop = w.task("stop", {
    run: (_, { signal }) => new Promise((_done, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
  });
  return { stop };
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

test("a run is started, followed to its end and read through the socket as it is in the owner", async () => {
  await using other = await client();
  await other.start(chain(3), { n: 1 }, { runId: "far", tags: ["t"], metadata: { by: "me" } });
  const events = all(other.events("far", 0, never));
  const progress = await all(other.progress("far", never));
  expect(progress.at(-1)).toMatchObject({ status: "completed", ended: 3 });
  expect((await events).map(({ seq }) => seq)).toEqual((await events).map((_, n) => n + 1));
  expect((await events).at(-1)).toMatchObject({ type: "run.completed" });
  expect(await all(other.events("far", 4, never))).toEqual((await events).slice(4));
  expect(await other.get("far")).toEqual(JSON.parse(JSON.stringify(await tutti.runs.get("far"))));
  expect((await other.list({ tag: "t", status: ["completed"] })).items).toMatchObject([{ id: "far" }]);
  expect((await other.list({ tag: "other" })).items).toEqual([]);
  expect(await other.logs("far")).toEqual([]);
  expect(await other.get("nothing")).toBeUndefined();
});

test("to start twice is to start once, and what the owner refuses is refused here by the same error", async () => {
  await using other = await client();
  await other.start(chain(1), 1, { runId: "once" });
  await other.start(chain(1), 1, { runId: "once" });
  expect((await other.list({})).items).toHaveLength(1);
  const errors = await Promise.all([
    other.start(chain(1), 2, { runId: "once" }).catch((error: unknown) => error),
    other.post("nothing", "cancel").catch((error: unknown) => error),
    all(other.progress("nothing", never)).catch((error: unknown) => error),
    other.start({ ...chain(1), definition: {} as never }, 1, { runId: "bad" }).catch((error: unknown) => error),
  ]);
  expect(errors.every((error) => error instanceof TuttiError)).toBe(true);
  expect(errors).toMatchObject([
    { code: "RUN_EXISTS", message: expect.stringContaining("Run once exists with another input") as string },
    { code: "RUN_UNKNOWN", data: { run: "nothing" } },
    { code: "RUN_UNKNOWN", disposition: "rejected" },
    { code: "DEFINITION_INVALID" },
  ]);
});

test("pause, resume, cancel and kill are the owner's verbs, durable when they resolve", async () => {
  await using other = await client();
  await tutti.runs.start(endless, undefined, { runId: "a" });
  await tutti.runs.start(endless, undefined, { runId: "b" });
  await other.post("a", "pause");
  expect((await tutti.runs.get("a"))?.status).toBe("paused");
  await other.post("a", "resume");
  expect((await tutti.runs.get("a"))?.status).toBe("running");
  await other.post("a", "cancel", "enough");
  expect(await all(other.progress("a", never))).toContainEqual(expect.objectContaining({ status: "cancelled" }));
  await other.post("b", "kill", "at once");
  expect(await other.get("a")).toMatchObject({ status: "cancelled", reason: "enough", inconsistent: false });
  expect(await other.get("b")).toMatchObject({ status: "cancelled", reason: "at once", inconsistent: true });
  await expect(other.post("a", "pause")).rejects.toMatchObject({ code: "RUN_ENDED" });
});

test("a client that hangs up has cancelled nothing", async () => {
  const other = await client();
  await tutti.runs.start(endless, undefined, { runId: "a" });
  for await (const progress of other.progress("a", never)) if (progress.running === 1) break;
  await other.start(chain(2), 1, { runId: "mine" });
  await other[Symbol.asyncDispose]();
  await tutti.runs.handle("mine").result();
  expect((await tutti.runs.get("a"))?.status).toBe("running");
  await tutti.runs.kill("a");
});

test("a definition larger than any other request is taken", async () => {
  await using other = await client();
  await other.start(chain(1), "x".repeat(5_000_000), { runId: "large" });
  await all(other.progress("large", never));
  expect((await other.get("large"))?.input).toHaveLength(5_000_000);
});

test("an owner that leaves says so: what is still asked for is CLOSED, its socket and its name are gone", async () => {
  await using other = await client();
  const { socket = "" } = ownerOf(store) ?? {};
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(dirname(socket)).toBe(`${store}.control`);
  await tutti.runs.start(endless, undefined, { runId: "a" });
  const stream = all(other.events("a", 0, never)).catch((error: unknown) => error);
  for await (const progress of other.progress("a", never)) if (progress.running === 1) break;
  await tutti.runs.kill("a");
  await tutti.runs.start(endless, undefined, { runId: "b" });
  const open = all(other.progress("b", never)).catch((error: unknown) => error);
  const closing = tutti.close();
  expect(await open).toMatchObject({ code: "CLOSED" });
  expect(existsSync(socket)).toBe(false);
  expect(ownerOf(store)).toMatchObject({ pid: process.pid, leaving: true });
  await expect(other.get("a")).rejects.toMatchObject({ code: "CLOSED" });
  expect(await stream).toHaveLength(6);
  await closing;
  expect(ownerOf(store)).toBeUndefined();
  expect(await ControlClient.connect(socket, systemClock)).toBeUndefined();
});

test("a second owner is refused with pid and socket of the first", async () => {
  const { socket } = ownerOf(store) ?? {};
  const refused = await createOrchestrator({ store }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "STORE_LOCKED", data: { pid: process.pid, socket } });
  expect((refused as TuttiError).message).toContain(`(pid ${process.pid}, socket ${socket})`);
  await using other = await client();
  expect(other.pid).toBe(process.pid);
});

test("the 129th client is refused with a word, until one of the others has gone", async () => {
  const clients = await Promise.all(Array.from({ length: 128 }, client));
  await expect((await client()).get("a")).rejects.toMatchObject({ code: "LIMIT_REACHED" });
  await clients.pop()?.[Symbol.asyncDispose]();
  const last = await admitted();
  clients.push(last);
  expect(await last.get("a")).toBeUndefined();
  await Promise.all(clients.map((one) => one[Symbol.asyncDispose]()));
});

/** The first client that is let in: that another has gone shows a moment later. */
async function admitted(): Promise<ControlClient> {
  for (;;) {
    const one = await client();
    const refused = await one.list({}).catch((error: unknown) => error);
    if (!(refused instanceof TuttiError)) return one;
    expect(refused.code).toBe("LIMIT_REACHED");
  }
}
