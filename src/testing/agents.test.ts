import { describe, expect, test } from "vitest";
import { attemptFor } from "../executor/contract.ts";
import { functionExecutor } from "../executor/function/executor.ts";
import type { Outcome } from "../executor/port.ts";
import type { Agent } from "../agent/define.ts";
import type { Reply, Scripted } from "./agents.ts";
import { verifies } from "../../test/verifies.ts";
import { scripted } from "./agents.ts";
import { simulatedClock } from "./clock.ts";

const executorOf = ({ reach }: Agent) => {
  if (reach.executor !== "function") throw new Error("a scripted agent is a function");
  return functionExecutor(reach.run);
};

const run = async (agent: Scripted, attempt = attemptFor().attempt): Promise<Outcome> =>
  executorOf(agent).execute(attempt);

describe("a scripted agent", () => {
  test(
    "gives its replies in order, the last for ever, and remembers its calls",
    verifies("001-F125", "004-F080"),
    async () => {
      const clock = simulatedClock({ startAt: 5 });
      const ada = scripted({ id: "ada", capabilities: ["count"] }, [{ returns: 1 }, { returns: 2 }], clock);
      const { attempt } = attemptFor({ input: '{"n":1}', attempt: 2 });
      const answers = [await run(ada, attempt), await run(ada, attempt), await run(ada, attempt)];
      expect(answers).toEqual([1, 2, 2].map((n) => ({ ok: true, json: String(n) })));
      expect(ada.card).toMatchObject({ id: "ada", capabilities: ["count"], maxConcurrency: 16 });
      const call = { input: { n: 1 }, runId: "run_contract", path: "step", attempt: 2, idempotencyKey: "key", at: 5 };
      expect(ada.calls).toEqual([call, call, call]);
    },
  );

  test("may decide call by call", async () => {
    const ada = scripted("ada", ({ attempt }, calls) => ({ returns: [attempt, calls] }));
    await run(ada);
    expect(await run(ada)).toEqual({ ok: true, json: "[1,2]" });
  });

  test.each<[string, Reply, Outcome | object]>([
    ["answers null", {}, { ok: true, json: "null" }],
    ["fails with a kind", { fails: "rate_limit" }, { ok: false, failure: { kind: "rate_limit" } }],
    [
      "fails with all there is to say",
      { fails: { kind: "timeout", message: "slow", code: "SLOW", retryAfterMs: 7 } },
      { ok: false, failure: { kind: "timeout", message: "slow", code: "SLOW", retryAfterMs: 7 } },
    ],
    ["throws anything", { throws: "plain" }, { ok: false, failure: { kind: "agent_error", message: "plain" } }],
    ["answers twice, and is heard once", { returns: 1, returnsAgain: 2 }, { ok: true, json: "1" }],
  ])("%s", async (_what, reply, outcome) => {
    expect(await run(scripted("ada", [reply]))).toMatchObject(outcome);
  });

  test("answers at once without a promise, or after its time on the clock", async () => {
    const clock = simulatedClock();
    expect(executorOf(scripted("ada", [{ returns: 1 }])).execute(attemptFor().attempt)).toEqual({
      ok: true,
      json: "1",
    });
    const slow = run(scripted("ada", [{ returns: 1, afterMs: 60_000 }], clock));
    expect(await clock.runUntil(slow)).toEqual({ ok: true, json: "1" });
    expect(clock.uptime()).toBe(60_000);
    const fails = run(scripted("ada", [{ fails: "timeout", afterMs: 10 }], clock));
    expect(await clock.runUntil(fails)).toMatchObject({ ok: false, failure: { kind: "timeout" } });
  });

  test("tells how far it is before it waits", async () => {
    const clock = simulatedClock();
    const { attempt, progress, lines } = attemptFor();
    const slow = run(scripted("ada", [{ afterMs: 1, progress: [0.5, 1], logs: ["half"] }], clock), attempt);
    expect([progress.map(({ ratio }) => ratio), lines.map(({ text }) => text)]).toEqual([[0.5, 1], ["half"]]);
    await clock.runUntil(slow);
  });

  test.each<[string, Reply, string]>([
    ["stops when told to", { afterMs: 1_000 }, "stopped at 10"],
    ["stops when told to, though it would never have answered", { never: true }, "stopped at 10"],
    ["answers late when it does not listen", { afterMs: 1_000, ignoresAbort: true }, "answered at 1000"],
  ])("%s", async (_what, reply, told) => {
    const clock = simulatedClock();
    const { attempt, abort } = attemptFor();
    clock.after(10, () => abort(new Error("stop")));
    const { ok } = await clock.runUntil(run(scripted("ada", [reply], clock), attempt));
    expect(`${ok ? "answered" : "stopped"} at ${clock.uptime()}`).toBe(told);
  });

  test("that neither answers nor listens leaves nothing to wait for", async () => {
    const clock = simulatedClock();
    const { attempt, abort } = attemptFor();
    let over = false;
    void run(scripted("ada", [{ never: true, ignoresAbort: true }], clock), attempt).then(() => (over = true));
    abort(new Error("stop"));
    await clock.advance(1_000_000);
    expect([over, clock.timers]).toEqual([false, 0]);
  });
});
