/** The kit as its users have it: a workflow of theirs, an orchestrator, time that moves when told. */
import { expect, test } from "vitest";
import { verifies } from "../../test/verifies.ts";
import { createOrchestrator } from "../orchestrator.ts";
import { workflow } from "../workflow/define.ts";
import { scripted } from "./agents.ts";
import { simulatedClock } from "./clock.ts";

const nightly = workflow({ id: "nightly", version: "1" }, (w) => {
  const fetched = w.task("fetch", {
    agent: "fetcher",
    retry: { maximumAttempts: 4, initialInterval: "1h", maximumInterval: "8h" },
    timeout: { startToClose: "2h" },
  });
  return {
    sent: w.task("send", { agent: "sender", needs: { fetched }, input: ({ needs }) => needs.fetched as string }),
  };
});

test(
  "a workflow that takes a night is tested in no time, the same every time",
  verifies("001-F125", "004-F080"),
  async () => {
    const play = async (): Promise<unknown> => {
      const clock = simulatedClock({ startAt: Date.UTC(2026, 0, 1) });
      const fetcher = scripted("fetcher", [{ fails: "connection_error" }, { never: true }, { returns: "page" }], clock);
      const sender = scripted("sender", [{ afterMs: 60_000 }], clock);
      await using tutti = await createOrchestrator({ store: ":memory:", clock, agents: [fetcher, sender] });
      const run = await clock.runUntil(tutti.runs.start(nightly, undefined, { runId: "tonight" }));
      await clock.runUntil(run.result());
      expect(sender.calls.map(({ input }) => input)).toEqual(["page"]);
      return [fetcher.calls, sender.calls, await run.get()];
    };
    const first = await play();
    expect(await play()).toEqual(first);
    expect(first).toMatchObject([
      [{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }],
      [{ attempt: 1 }],
      { status: "completed" },
    ]);
  },
);
