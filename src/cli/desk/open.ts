/** A store opened for work: by this process if nobody has it, else through whoever has. */
import { storeName } from "../../host/owner.ts";
import { createOrchestrator } from "../../orchestrator.ts";
import { RUN_STATUSES } from "../../run/state.ts";
import { isEndedRun } from "../../run/status.ts";
import type { ControlClient } from "../../server/control/client.ts";
import type { Control } from "../../server/control/control.ts";
import { localControl } from "../../server/control/local.ts";
import { systemClock } from "../../std/clock.ts";
import type { Desk, EngineOptions } from "./desk.ts";
import { holder, Patience, reach } from "./owner.ts";

/** Throws STORE_LOCKED when whoever holds the store has not answered for ten seconds. */
export async function openDesk(store: string, engine: EngineOptions, signal?: AbortSignal): Promise<Desk> {
  const name = storeName(store);
  const clock = engine.clock ?? systemClock;
  const patience = new Patience(name, clock);
  for (;;) {
    const client = await reach(name, clock);
    if (client) return remoteDesk(client, name);
    try {
      return await ownDesk(store, name, engine);
    } catch (thrown) {
      await patience.afterRefusal(thrown, signal);
    }
  }
}

async function ownDesk(store: string, name: string, engine: EngineOptions): Promise<Desk> {
  const orchestrator = await createOrchestrator({ ...engine, store });
  return {
    owner: { pid: process.pid, socket: holder(name)?.socket },
    here: true,
    control: localControl(orchestrator),
    open: async () => orchestrator.opened,
    close: (hurry) => orchestrator.close(hurry),
  };
}

function remoteDesk(client: ControlClient, name: string): Desk {
  return {
    owner: { pid: client.pid, socket: holder(name)?.socket },
    here: false,
    control: client,
    open: () => openRuns(client),
    close: () => client[Symbol.asyncDispose](),
  };
}

const OPEN = RUN_STATUSES.filter((status) => !isEndedRun(status));

/** The oldest first, as an engine takes them up. */
async function openRuns(control: Control): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await control.list({ status: OPEN, limit: 1_000, ...(cursor !== undefined && { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids.reverse();
}
