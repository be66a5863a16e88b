/** Desks inside one process: the engine here, or through the socket of an owner that happens to be here too. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Progress } from "../../run/progress.ts";
import type { TuttiEvent } from "../../facets/event.ts";
import type { RunInfo } from "../../facets/view.ts";
import type { WorkflowFile } from "../../host/document.ts";
import { writeOwner } from "../../host/owner.ts";
import { createOrchestrator } from "../../orchestrator.ts";
import type { Orchestrator } from "../../orchestrator.ts";
import { openSqlite } from "../../store/sqlite/open.ts";
import { simulatedClock } from "../../testing/clock.ts";
import { workflow } from "../../workflow/define.ts";
import { command } from "./command.ts";
import type { Asked, SettleOptions } from "./desk.ts";
import { openDesk } from "./open.ts";
import { openReading } from "./reading.ts";
import { settle, settleOpen } from "./settle.ts";

let folder: string;
let store: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutti-desk-"));
  store = join(folder, "store.db");
  writeFileSync(join(folder, "steps.mjs"), STEPS);
});
afterEach(() => rmSync(folder, { recursive: true }));

const STEPS = `
  import { existsSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  export const quick = (input) => input;
  export async function held({ gate }, { signal }) {
    while (!existsSync(gate)) await sleep(2, undefined, { signal });
    return "held";
  }
`;

/** One step that waits for the file `gate`, and one after it. */
function chain(): WorkflowFile {
  const definition = {
    tutti: "1",
    id: "chain",
    version: "1",
    steps: {
      held: { kind: "task", run: { uses: "./steps.mjs#held" }, input: { gate: join(folder, "gate") } },
      last: { kind: "task", run: { uses: "./steps.mjs#quick" }, needs: { before: "held" } },
    },
  };
  return { definition: definition as WorkflowFile["definition"], file: "chain.yaml", folder };
}

const asked = (runId: string, input = 1): Asked => ({ file: chain(), input, options: { runId } });
const release = (): void => writeFileSync(join(folder, "gate"), "");
const engine = { shutdownGrace: 0, abortGrace: 50, progressIntervalMs: 0 };
const open = (): Promise<Orchestrator> => createOrchestrator({ store, ...engine });

function told(): SettleOptions & {
  readonly events: TuttiEvent[];
  readonly owners: boolean[];
  readonly leave: AbortController;
} {
  const [events, owners, leave]: [TuttiEvent[], boolean[], AbortController] = [[], [], new AbortController()];
  return {
    engine,
    signal: leave.signal,
    leave,
    events,
    owners,
    event: (event) => events.push(event),
    owned: (_, here) => owners.push(here),
  };
}

describe("settle", () => {
  test("works the run here where nobody owns the store, and leaves with it; asked again it is the same run", async () => {
    const options = told();
    release();
    const info = await settle(store, asked("r"), options);
    expect(info).toMatchObject({
      id: "r",
      status: "completed",
      output: { last: { input: 1, needs: { before: "held" } } },
    });
    expect(options.owners).toEqual([true]);
    expect(options.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await settle(store, asked("r"), told())).toEqual(info);
    await expect(settle(store, asked("r", 2), told())).rejects.toMatchObject({ code: "RUN_EXISTS" });
    await expect(openSqlite(store).then((free) => free[Symbol.asyncDispose]())).resolves.toBeUndefined();
  });

  test("asks the owner where there is one, and takes the store when that one leaves", async () => {
    const owner = await open();
    const options = told();
    const settled = settle(store, asked("r"), options);
    await until(options.events, "step.started");
    expect(options.owners).toEqual([false]);
    await owner.close();
    release();
    expect(await settled).toMatchObject({ status: "completed", steps: { held: { recoveries: 0 } } });
    expect(options.owners).toEqual([false, true]);
    expect(options.events.map(({ seq }) => seq)).toEqual(options.events.map((_, n) => n + 1));
  });

  test.each(["here", "elsewhere"])(
    "is done with a run that is paused and at rest %s, once all of its events are told",
    async (where) => {
      const owner = where === "elsewhere" ? await open() : undefined;
      const options = told();
      const settled = settle(store, asked("r"), options);
      await until(options.events, "step.started");
      await command(store, "r", "pause");
      release();
      expect(await settled).toMatchObject({ status: "paused", steps: { held: { status: "completed" } } });
      expect(options.events.map(({ type }) => type).slice(-2)).toEqual(["run.paused", "step.completed"]);
      await owner?.close();
    },
  );

  test("rejects with the reason of its signal and hands the run back, or leaves it where it is", async () => {
    const here = told();
    const first = settle(store, asked("r"), here);
    await until(here.events, "step.started");
    const elsewhere = told();
    const second = settle(store, asked("r"), elsewhere);
    await until(elsewhere.events, "step.started");
    elsewhere.leave.abort(new Error("second left"));
    await expect(second).rejects.toThrow("second left");
    here.leave.abort(new Error("first left"));
    await expect(first).rejects.toThrow("first left");
    await using reading = await openReading(store);
    expect(await reading.get("r")).toMatchObject({
      status: "running",
      steps: { held: { status: "ready", attempts: 0 } },
    });
  });

  test("tells the result before other work has stopped; its signal then hurries that, and throws nothing", async () => {
    const owner = await open();
    await owner.runs.start(chain(), 1, { runId: "other" });
    await owner.close();
    const options = { ...told(), engine: { ...engine, shutdownGrace: 3_600_000 } };
    const quick = {
      tutti: "1",
      id: "quick",
      version: "1",
      steps: { a: { kind: "task", run: { uses: "./steps.mjs#quick" } } },
    };
    const file = { ...chain(), definition: quick as WorkflowFile["definition"] };
    let free = false;
    const settled = async ({ status }: RunInfo): Promise<void> => {
      expect(status).toBe("completed");
      await using desk = await openReading(store);
      expect((await desk.get("other"))?.steps["held"]?.status).toBe("running");
      expect(free).toBe(false);
      options.leave.abort(new Error("left"));
    };
    const done = settle(store, { file, input: 1, options: { runId: "r" } }, { ...options, settled });
    void done.finally(() => (free = true));
    expect(await done).toMatchObject({ status: "completed" });
    await using desk = await openReading(store);
    expect((await desk.get("other"))?.steps["held"]).toMatchObject({ status: "ready", attempts: 0, recoveries: 0 });
  });

  test("of all open runs says how each stands; what is sent on meanwhile is waited for too", async () => {
    await using owner = await open();
    for (const id of ["a", "b"]) await owner.runs.start(chain(), 1, { runId: id });
    await owner.runs.pause("b");
    const sentOn = (runId: string, { status }: Progress): void => {
      if (runId === "b" && status === "paused") void owner.runs.resume("b").then(release);
    };
    const settled = settleOpen(store, { ...told(), progress: sentOn });
    expect(await settled).toEqual(["a", "b"].map((id) => ({ id, status: "completed" })));
    expect(await settleOpen(store, told())).toEqual([]);
  });

  test("works without a file as well", async () => {
    release();
    expect(await settle(":memory:", asked("r"), told())).toMatchObject({ status: "completed" });
  });
});

/** Until an event of this type has been told. */
async function until(events: readonly TuttiEvent[], type: string): Promise<void> {
  while (!events.some((event) => event.type === type)) await new Promise((resolve) => setImmediate(resolve));
}

describe("a store that is held by somebody who does not answer", () => {
  test("is asked for ten seconds, and then the refusal is passed on", async () => {
    await using _held = await openSqlite(store);
    const clock = simulatedClock();
    const desk = openDesk(store, { clock }).catch((error: unknown) => error);
    expect(await clock.runUntil(desk)).toMatchObject({ code: "STORE_LOCKED", data: { pid: process.pid } });
    expect(clock.uptime()).toBeGreaterThan(10_000);
    expect(clock.uptime()).toBeLessThan(12_000);
  });

  test("is waited for as long as it says that it is leaving, and is followed without delay", async () => {
    const held = await openSqlite(store);
    writeOwner(store, { pid: process.pid, startedAt: 1, leaving: true });
    const clock = simulatedClock();
    const desk = openDesk(store, { clock });
    await clock.advance(60_200);
    await held[Symbol.asyncDispose]();
    const { here, close } = await clock.runUntil(desk);
    expect(here).toBe(true);
    expect(clock.uptime()).toBeLessThan(60_300);
    await close();
  });

  test("nor is one that listens and says nothing taken for an owner that serves", async () => {
    await using _held = await openSqlite(store);
    const mute = createServer();
    const socket = join(folder, "mute");
    await new Promise<void>((resolve) => mute.listen(socket, resolve));
    writeOwner(store, { pid: process.pid, startedAt: 1, socket });
    const clock = simulatedClock();
    const desk = openDesk(store, { clock }).catch((error: unknown) => error);
    expect(await clock.runUntil(desk)).toMatchObject({ code: "STORE_LOCKED", data: { socket } });
    mute.close();
  });
});

describe("command", () => {
  test("goes through the owner, and without one stands for itself", async () => {
    const owner = await open();
    for (const id of ["a", "b"]) await owner.runs.start(chain(), 1, { runId: id });
    await command(store, "a", "pause");
    expect((await owner.runs.get("a"))?.status).toBe("paused");
    await owner.close();
    await command(store, "a", "resume");
    await command(store, "b", "kill", "enough");
    await using reading = await openReading(store);
    expect((await reading.get("a"))?.status).toBe("running");
    expect(await reading.get("b")).toMatchObject({ status: "cancelled", reason: "enough", inconsistent: true });
    await expect(command(store, "b", "kill")).rejects.toMatchObject({ code: "RUN_ENDED" });
    await expect(command(store, "c", "cancel")).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
    await expect(command(join(folder, "none"), "a", "pause")).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
  });
});

test("a kill whose owner died before it could say that it was done is not refused by the next", async () => {
  const owner = await open();
  await owner.runs.start(chain(), 1, { runId: "r" });
  await owner.runs.kill("r");
  await owner.close();
  const held = await openSqlite(store);
  const dying = createServer((client) => {
    client.write(`${JSON.stringify({ tutti: "control", version: 1, pid: process.pid })}\n`);
    client.once("data", () => {
      dying.close();
      void held[Symbol.asyncDispose]().then(() => client.destroy());
    });
  });
  const socket = join(folder, "dying");
  await new Promise<void>((resolve) => dying.listen(socket, resolve));
  writeOwner(store, { pid: process.pid, startedAt: 1, socket });
  await expect(command(store, "r", "kill")).resolves.toBeUndefined();
});

describe("reading", () => {
  const never = new AbortController().signal;
  const quick = workflow({ id: "quick", version: "1" }, (w) => ({
    a: w.task("a", { run: (_, { log }) => log.info("did") }),
  }));

  test("needs no owner, starts nothing, and names who owns the store", async () => {
    const owner = await open();
    await owner.runs.start(quick, undefined, { runId: "r", tags: ["t"] }).then((run) => run.result());
    await using desk = await openReading(store);
    expect(desk.owner).toMatchObject({ pid: process.pid, socket: join(`${store}.control`, "socket") });
    const info = await owner.runs.get("r");
    await owner.close();
    expect(desk.owner).toBeUndefined();
    expect(await desk.get("r")).toEqual(info);
    expect((await desk.list({ tag: "t" })).items).toMatchObject([{ id: "r", status: "completed" }]);
    expect(await desk.logs("r", "a")).toMatchObject([{ text: "did" }]);
    const types: string[] = [];
    for await (const { type } of desk.events("r", 2)) types.push(type);
    expect(types).toEqual(["step.started", "step.completed", "run.completed"]);
    for await (const { status } of desk.progress("r", never)) expect(status).toBe("completed");
  });

  test("follows through the owner, then over a gap, to the next one", async () => {
    const first = await open();
    await first.runs.start(chain(), 1, { runId: "r" });
    await using desk = await openReading(store);
    const [events, seen]: [TuttiEvent[], string[]] = [[], []];
    const following = Promise.all([
      (async () => {
        for await (const event of desk.events("r", 0, never)) events.push(event);
      })(),
      (async () => {
        for await (const { status, running } of desk.progress("r", never)) seen.push(`${status} ${running}`);
      })(),
    ]);
    await until(events, "step.started");
    await first.close();
    await command(store, "r", "pause");
    await until(events, "run.paused");
    await command(store, "r", "resume");
    release();
    await using _second = await open();
    await following;
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, n) => n + 1));
    expect(events.at(-1)?.type).toBe("run.completed");
    expect(seen.at(-1)).toBe("completed 0");
    expect(new Set(seen).size).toBeGreaterThan(2);
  });

  test("refuses to follow what is not there, and ends with its signal", async () => {
    await (await open()).close();
    await using desk = await openReading(store);
    const unknown = async (): Promise<void> => {
      for await (const _ of desk.progress("r", never));
    };
    await expect(unknown()).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
    const owner = await open();
    await owner.runs.start(chain(), 1, { runId: "r" });
    await owner.close();
    const stop = new AbortController();
    for await (const { status } of desk.progress("r", stop.signal)) {
      expect(status).toBe("running");
      stop.abort();
    }
  });
});
