/**
 * Waiting for runs over any number of owners: whoever waits takes the store itself when its owner leaves or dies, or
 * waits on whoever was faster. As the owner it leaves when what it waited for is settled, and hands the rest back.
 */
import type { TuttiEvent } from "../../facets/event.ts";
import type { RunInfo } from "../../facets/view.ts";
import { TuttiError } from "../../errors.ts";
import { isFile } from "../../host/files.ts";
import { storeName } from "../../host/owner.ts";
import { openReading } from "../../reading.ts";
import type { RunStatus } from "../../run/state.ts";
import { isEndedRun } from "../../run/status.ts";
import { systemClock } from "../../std/clock.ts";
import type { Asked, Desk, SettleOptions, Settling } from "./desk.ts";
import { openDesk } from "./open.ts";
import { isGone } from "./owner.ts";
import { isSettled } from "./settled.ts";

/** Runs that are followed side by side. */
const AT_ONCE = 16;

/**
 * Starts the run, once however many owners there are, and returns how it stands when it has ended, is stranded, or can
 * go on only by a person or a signal. One that is there already, with this definition and input, goes on.
 */
export async function settle(store: string, asked: Asked, options: Settling<RunInfo>): Promise<RunInfo> {
  const { runId } = asked.options;
  const follower = new Follower(store, options, 0);
  return withDesks(store, options, async (desk) => {
    await desk.control.start(asked.file, asked.input, asked.options);
    options.started?.();
    await follower.follow(desk, runId);
    const info = await desk.control.get(runId);
    if (!info) throw new TuttiError("RUN_UNKNOWN", { run: runId });
    return info;
  });
}

export interface SettledRun {
  readonly id: string;
  readonly status: RunStatus;
}

/** The same for every run that is open at its start, the oldest first. One that is damaged is left alone, and left out. */
export async function settleOpen(
  store: string,
  options: Settling<readonly SettledRun[]>,
): Promise<readonly SettledRun[]> {
  const follower = new Follower(store, options, (options.engine.clock ?? systemClock).now());
  let open: readonly string[] | undefined;
  return withDesks(store, options, async (desk) => {
    open ??= await desk.open();
    const settled = new Map<string, RunStatus>();
    for (let left = open; left.length > 0; left = await unsettled(desk, settled, options.signal)) {
      await sideBySide(left, async (id) => {
        const status = await follower.follow(desk, id).catch(whenDamaged);
        if (status) settled.set(id, status);
      });
    }
    return open.flatMap((id) => {
      const status = settled.get(id);
      return status ? [{ id, status }] : [];
    });
  });
}

/** Paused runs and the like that somebody has sent on while others were waited for. */
async function unsettled(
  desk: Desk,
  settled: ReadonlyMap<string, RunStatus>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const going: string[] = [];
  for (const [id, status] of settled) {
    if (isEndedRun(status)) continue;
    for await (const now of desk.control.progress(id, signal)) {
      if (!isSettled(now)) going.push(id);
      break;
    }
  }
  return going;
}

async function withDesks<T>(store: string, options: Settling<T>, work: (desk: Desk) => Promise<T>): Promise<T> {
  const { engine, signal, owned, settled } = options;
  for (;;) {
    const desk = await openDesk(store, engine, signal);
    let hurry: AbortSignal | undefined;
    try {
      owned?.(desk.owner, desk.here);
      const result = await unlessAborted(work(desk), signal);
      hurry = signal;
      await settled?.(result);
      return result;
    } catch (thrown) {
      if (signal.aborted || desk.here || !isGone(thrown)) throw thrown;
    } finally {
      await desk.close(hurry);
    }
  }
}

/** Follows runs and tells of each event once, whoever it comes from. */
class Follower {
  private readonly store: string;
  private readonly options: SettleOptions;
  private readonly since: number;
  private readonly seqs = new Map<string, number>();

  /** Events before `since` are not told. */
  constructor(store: string, options: SettleOptions, since: number) {
    this.store = store;
    this.options = options;
    this.since = since;
  }

  /** Until the run is settled. */
  async follow(desk: Desk, runId: string): Promise<RunStatus> {
    const stop = new AbortController();
    const signal = AbortSignal.any([this.options.signal, stop.signal]);
    const told = this.tell(runId, desk.control.events(runId, this.seqs.get(runId) ?? 0, signal));
    try {
      const status = await this.untilSettled(desk, runId, signal);
      if (!isEndedRun(status)) stop.abort();
      await told;
      await this.tellRest(runId);
      return status;
    } finally {
      stop.abort();
      await told;
    }
  }

  private async untilSettled(desk: Desk, runId: string, signal: AbortSignal): Promise<RunStatus> {
    for await (const progress of desk.control.progress(runId, signal)) {
      this.options.progress?.(runId, progress);
      if (isSettled(progress)) return progress.status;
    }
    signal.throwIfAborted();
    throw new TuttiError("CLOSED", { what: "run" });
  }

  private async tell(runId: string, events: AsyncIterable<TuttiEvent>): Promise<void> {
    const { event: listener } = this.options;
    if (!listener) return;
    try {
      for await (const event of events) {
        if (event.seq <= (this.seqs.get(runId) ?? 0)) continue;
        this.seqs.set(runId, event.seq);
        if (Date.parse(event.at) >= this.since) listener(event);
      }
    } catch (thrown) {
      // What is left of them is told from the next owner, or from the file.
      if (!isGone(thrown)) throw thrown;
    }
  }

  /** What is durable and has not come yet: a paused run's events have no last one to wait for. */
  private async tellRest(runId: string): Promise<void> {
    if (!this.options.event || !isFile(storeName(this.store))) return;
    await using reading = await openReading(this.store);
    await this.tell(runId, reading.events(runId, this.seqs.get(runId) ?? 0));
  }
}

function whenDamaged(thrown: unknown): undefined {
  if (!(thrown instanceof TuttiError) || thrown.code !== "RUN_DAMAGED") throw thrown;
}

async function sideBySide(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const left = ids.values();
  const lane = async (): Promise<void> => {
    for (const id of left) await work(id);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, lane));
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
