import { describe, expect, test } from "vitest";
import { z } from "zod";
import { verifies } from "../../test/verifies.ts";
import { agent } from "../agent/define.ts";
import { TaskError, TuttiError } from "../errors.ts";
import { createOrchestrator } from "../orchestrator.ts";
import type { OrchestratorOptions } from "../options.ts";
import type { Progress } from "../run/progress.ts";
import { workflow } from "../workflow/define.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import type { Orchestrator } from "../orchestrator.ts";

const open = (options: OrchestratorOptions = {}): Promise<Orchestrator> =>
  createOrchestrator({ store: ":memory:", ...options, retry: { initialInterval: 1, ...options.retry } });

/** A promise with its handle, to hold a step until the test lets it go. */
function gate<T = void>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { open, opened };
}

describe("starting", () => {
  const echo = workflow({ id: "echo", version: "1", input: z.object({ text: z.string() }) }, (w) =>
    w.task("say", { run: ({ input }) => input.text }),
  );

  test(
    "a start resolves with a handle while the run goes on in the background",
    verifies("000-F005", "000-F040", "001-F050", "001-F051", "002-F009", "000-F008", "002-F110", "004-F001"),
    async () => {
      await using tutti = await open();
      const hold = gate();
      const slow = workflow({ id: "slow", version: "1" }, (w) =>
        w.task("wait", { run: () => hold.opened.then(() => 7) }),
      );
      const run = await tutti.runs.start(slow);
      expect(run.id).toMatch(/^run_/);
      expect((await run.get()).status).toBe("running");
      hold.open();
      expect(await run.result()).toBe(7);
    },
  );

  test(
    "an id the caller chose starts once; another input under it is refused",
    verifies("001-F040", "004-F070"),
    async () => {
      await using tutti = await open();
      const first = await tutti.runs.start(echo, { text: "a" }, { runId: "mine" });
      const again = await tutti.runs.start(echo, { text: "a" }, { runId: "mine" });
      expect([first.id, await first.result(), await again.result()]).toEqual(["mine", "a", "a"]);
      await expect(tutti.runs.start(echo, { text: "b" }, { runId: "mine" })).rejects.toThrow(
        "exists with another input",
      );
      expect((await tutti.runs.list()).items).toHaveLength(1);
    },
  );

  test("two starts of one id at the same moment are one run", async () => {
    await using tutti = await open();
    const both = await Promise.all([1, 2].map(() => tutti.runs.start(echo, { text: "a" }, { runId: "same" })));
    expect(await Promise.all(both.map((run) => run.result()))).toEqual(["a", "a"]);
    expect((await tutti.runs.list()).items).toHaveLength(1);
  });

  test(
    "an input that breaks the schema is refused with its path, and nothing is stored",
    verifies("002-F131"),
    async () => {
      await using tutti = await open();
      await expect(tutti.runs.start(echo, { text: 1 } as never)).rejects.toThrow(/INPUT|not valid[\s\S]*\$\.text/);
      expect((await tutti.runs.list()).items).toEqual([]);
    },
  );

  test("tags, metadata, priority and variables stay with the run", verifies("000-F041", "000-F098"), async () => {
    await using tutti = await open();
    const seen = workflow({ id: "seen", version: "1" }, (w) =>
      w.task("look", {
        input: ({ vars, run }) => ({ vars, tags: [...run.tags], who: run.metadata["who"] ?? null }),
        run: (view) => view,
      }),
    );
    const run = await tutti.runs.start(seen, undefined, {
      priority: "urgent",
      tags: ["q2"],
      metadata: { who: "cfo" },
      variables: { x: 1 },
    });
    expect(await run.result()).toEqual({ vars: { x: 1 }, tags: ["q2"], who: "cfo" });
    expect(await run.get()).toMatchObject({
      priority: "critical",
      tags: ["q2"],
      metadata: { who: "cfo" },
      variables: { x: 1 },
    });
  });

  test(
    "a workflow may be given as plain JSON, or by the id of a registered one",
    verifies("000-F042", "000-F026"),
    async () => {
      const upper = agent({ id: "upper", capabilities: ["text"], run: (text: string) => text.toUpperCase() });
      await using tutti = await open({ agents: [upper], workflows: [echo] });
      const plain = {
        tutti: "1",
        id: "plain",
        version: "1",
        steps: { up: { kind: "task", agent: { id: "upper" }, input: "${input}" } },
      } as const;
      const run = await tutti.runs.start(plain, "abc");
      expect(await run.result()).toEqual({ up: "ABC" });
      expect(await (await tutti.runs.start("echo", { text: "by id" })).result()).toBe("by id");
      await expect(tutti.runs.start("nobody", {})).rejects.toThrow("There is no workflow nobody");
    },
  );

  test("a definition that is not valid is refused with every problem", async () => {
    await using tutti = await open();
    const broken = {
      tutti: "1",
      id: "broken",
      version: "1",
      steps: { a: { kind: "task", needs: { b: "nope" } } },
    } as never;
    await expect(tutti.runs.start(broken, null)).rejects.toMatchObject({ code: "DEFINITION_INVALID" });
  });
});

describe("looking", () => {
  test(
    "a run shows its status, its steps by path, outputs, attempts and times",
    verifies(
      "000-F044",
      "000-F045",
      "000-F046",
      "000-F047",
      "000-F094",
      "000-F096",
      "000-F097",
      "001-F016",
      "001-F056",
      "001-F057",
      "001-F058",
      "002-F017",
      "002-F018",
      "002-F120",
    ),
    async () => {
      await using tutti = await open();
      let calls = 0;
      const flow = workflow({ id: "flow", version: "1" }, (w) => {
        const a = w.task("a", { run: () => 1 });
        const b = w.task("b", {
          needs: { a },
          run: ({ needs }) => {
            if (++calls < 2) throw new TaskError("connection_error", "not yet");
            return needs.a + 1;
          },
        });
        return { b };
      });
      const run = await tutti.runs.start(flow);
      expect(await run.result()).toEqual({ b: 2 });
      const info = await tutti.runs.get(run.id);
      if (info?.status !== "completed") throw new Error("not completed");
      expect(info).toMatchObject({ success: true, output: { b: 2 }, partial: false, completedSteps: ["a", "b"] });
      expect(info.steps["b"]).toMatchObject({ status: "completed", attempts: 2, output: 2 });
      expect(info.steps["b"]?.readyAt).toBe(info.steps["a"]?.endedAt);
      expect(info.durationMs).toBe(Date.parse(info.endedAt) - Date.parse(info.startedAt ?? ""));
      expect(await tutti.runs.get("nobody")).toBeUndefined();
    },
  );

  test(
    "a step that failed shows message, kind, cause and stack; the rest of the run is kept",
    verifies("001-F098", "001-F104", "001-F095", "000-F052"),
    async () => {
      await using tutti = await open({ retry: { maximumAttempts: 1 } });
      const flow = workflow({ id: "half", version: "1" }, (w) => {
        const good = w.task("good", { run: () => "kept" });
        const bad = w.task("bad", {
          run: () => {
            throw new Error("broken", { cause: new Error("root") });
          },
        });
        const after = w.task("after", { needs: { bad }, run: () => "never" });
        return { good, after };
      });
      const run = await tutti.runs.start(flow);
      const failure: unknown = await run.result().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(TuttiError);
      expect(failure).toMatchObject({ code: "RUN_FAILED", data: { path: "bad", kind: "agent_error" } });
      const info = await run.get();
      expect(info.status === "failed" && info.error).toMatchObject({
        message: "broken",
        path: "bad",
        cause: { message: "root" },
      });
      expect(info.steps["bad"]?.error?.stack).toContain("runs.test.ts");
      expect(info.steps["good"]).toMatchObject({ status: "completed", output: "kept" });
      expect(info.steps["after"]).toMatchObject({ status: "skipped", reason: "upstream_failed" });
    },
  );

  test("under onFailure partial the run completes with what there is", verifies("001-F097"), async () => {
    await using tutti = await open({ retry: { maximumAttempts: 1 } });
    const flow = workflow({ id: "partly", version: "1", onFailure: "partial" }, (w) => {
      const good = w.task("good", { run: () => 1 });
      const bad = w.task("bad", { run: () => Promise.reject<number>(new Error("no")) });
      return { good, bad };
    });
    const run = await tutti.runs.start(flow);
    expect(await run.result()).toEqual({ good: 1 });
    expect(await run.get()).toMatchObject({ status: "completed", partial: true });
  });

  test("lists are newest first and filtered by status, workflow and tag", async () => {
    await using tutti = await open();
    const make = (id: string) => workflow({ id, version: "1" }, (w) => w.task("t", { run: () => 1 }));
    for (const [id, tag] of [
      ["a", "x"],
      ["b", "x"],
      ["b", "y"],
    ] as const) {
      await (await tutti.runs.start(make(id), undefined, { tags: [tag] })).result();
    }
    const ids = async (filter: object) => (await tutti.runs.list(filter)).items.map(({ workflow: { id } }) => id);
    expect(await ids({})).toEqual(["b", "b", "a"]);
    expect(await ids({ workflow: "a" })).toEqual(["a"]);
    expect(await ids({ tag: "x" })).toEqual(["b", "a"]);
    expect(await ids({ status: ["failed"] })).toEqual([]);
    const page = await tutti.runs.list({ limit: 2 });
    expect(page.items).toHaveLength(2);
    expect((await tutti.runs.list({ limit: 2, cursor: page.nextCursor ?? "" })).items).toHaveLength(1);
  });
});

describe("progress", () => {
  test(
    "counts and ratio grow with every step, and the current steps say how far they are",
    verifies(
      "000-F048",
      "000-F095",
      "001-F003",
      "001-F014",
      "001-F017",
      "001-F052",
      "001-F053",
      "001-F054",
      "001-F055",
      "001-F059",
      "002-F051",
    ),
    async () => {
      await using tutti = await open({ progressIntervalMs: 0 });
      const hold = gate();
      const flow = workflow({ id: "three", version: "1" }, (w) => {
        const a = w.task("a", { run: () => 1 });
        const b = w.task("b", {
          needs: { a },
          phase: "writing",
          run: async (_, { progress }) => {
            progress(0.5, "half way");
            await hold.opened;
          },
        });
        w.task("c", { needs: { b }, run: () => 3 });
      });
      const run = await tutti.runs.start(flow);
      const seen: number[] = [];
      let half: Progress | undefined;
      for await (const progress of run.progress()) {
        seen.push(progress.ratio);
        if (progress.currentSteps[0]?.note !== "half way") continue;
        half = progress;
        hold.open();
      }
      expect(half).toMatchObject({ completed: 1, total: 3, phases: ["writing"], status: "running" });
      expect(half?.currentSteps).toEqual([{ path: "b", ratio: 0.5, note: "half way" }]);
      expect(seen.at(-1)).toBe(1);
      expect(seen).toEqual([...seen].sort((x, y) => x - y));
      expect(seen).toContain(1 / 3);
    },
  );

  test("who comes late gets the last value first, and an ended run's only value", verifies("001-F052"), async () => {
    await using tutti = await open();
    const run = await tutti.runs.start(workflow({ id: "one", version: "1" }, (w) => w.task("t", { run: () => 1 })));
    await run.result();
    const values: string[] = [];
    for await (const { status, ratio } of run.progress()) values.push(`${status} ${ratio}`);
    expect(values).toEqual(["completed 1"]);
    const told = gate<number>();
    run.progress(({ ratio }) => told.open(ratio));
    expect(await told.opened).toBe(1);
  });

  test("the time left is told only when every step that is left has an estimate", verifies("001-F042"), async () => {
    await using tutti = await open();
    const hold = gate();
    const make = (id: string, estimateMs?: number) =>
      workflow({ id, version: "1" }, (w) => {
        const a = w.task("a", { estimateMs: 400, run: () => hold.opened });
        w.task("b", { needs: { a }, ...(estimateMs === undefined ? {} : { estimateMs }), run: () => 1 });
      });
    const known = await tutti.runs.start(make("known", 600));
    const unknown = await tutti.runs.start(make("unknown"));
    expect((await known.get()).progress.etaMs).toBe(1_000);
    expect((await unknown.get()).progress.etaMs).toBeUndefined();
    hold.open();
    await Promise.all([known.result(), unknown.result()]);
  });
});

test("the input of a workflow with a JSON Schema is checked against it, and every problem is told", async () => {
  await using tutti = await open();
  const flow: WorkflowDefinition = {
    tutti: "1",
    id: "checked",
    version: "1",
    input: { type: "object", required: ["sku"], properties: { sku: { type: "string" }, n: { type: "integer" } } },
    steps: { a: { kind: "task", agent: { id: "nobody" }, input: "${input.sku}" } },
  };
  await expect(tutti.runs.start(flow, { n: 1.5 })).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringMatching(/\$\.sku: expected sku[^]*\$\.n: expected integer, not 1.5/),
  });
  const run = await tutti.runs.start(flow, { sku: "a" });
  await run.kill();
});
