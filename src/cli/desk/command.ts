/** One word to one run: through whoever owns its store, or, where nobody does, without an engine. */
import { TuttiError } from "../../errors.ts";
import { isFile } from "../../host/files.ts";
import { storeName } from "../../host/owner.ts";
import { commandRun } from "../../orchestrator.ts";
import { systemClock } from "../../std/clock.ts";
import type { Verb } from "./desk.ts";
import { isGone, Patience, reach } from "./owner.ts";

/**
 * Resolves when it is durable. Where nobody owns the store, pause and resume take effect when an engine next runs,
 * cancel and kill also drive this run, and no other, to its end. Throws STORE_UNUSABLE where there is no store,
 * STORE_LOCKED when its owner has not answered for ten seconds, RUN_UNKNOWN, RUN_ENDED, RUN_STATE.
 */
export async function command(store: string, runId: string, verb: Verb, reason?: string): Promise<void> {
  const name = storeName(store);
  if (!isFile(name)) throw new TuttiError("STORE_UNUSABLE", { store: name, problem: "there is no such file." });
  const patience = new Patience(name, systemClock);
  let unanswered = false;
  for (;;) {
    const client = await reach(name, systemClock);
    try {
      if (client) return await client.post(runId, verb, reason);
      const said =
        verb === "cancel" || verb === "kill" ? { type: verb, ...(reason !== undefined && { reason }) } : { type: verb };
      return await commandRun({ store }, runId, said);
    } catch (thrown) {
      // It was heard by an owner that left or died before it could say so.
      if (unanswered && verb === "kill" && isCancelled(thrown)) return;
      if (client && isGone(thrown)) {
        unanswered = true;
        await patience.next();
      } else if (client) throw thrown;
      else await patience.afterRefusal(thrown);
    } finally {
      await client?.[Symbol.asyncDispose]();
    }
  }
}

function isCancelled(thrown: unknown): boolean {
  return thrown instanceof TuttiError && thrown.code === "RUN_ENDED" && thrown.data["status"] === "cancelled";
}
