/** A store read from beside: what is durable from its file, what is live from whoever owns it, one owner after another. */
import { TuttiError } from "../../errors.ts";
import type { TuttiEvent } from "../../facets/event.ts";
import type { Reading } from "../../facets/reading.ts";
import { OwnerNews } from "../../host/news.ts";
import { storeName } from "../../host/owner.ts";
import { openReading as openStored } from "../../reading.ts";
import type { Progress } from "../../run/progress.ts";
import { isEndedRun } from "../../run/status.ts";
import { systemClock } from "../../std/clock.ts";
import type { Owner, ReadingDesk } from "./desk.ts";
import { holder, isGone, reach } from "./owner.ts";

/** Starts nothing and makes nothing. Throws STORE_UNUSABLE where there is no store. */
export async function openReading(store: string): Promise<ReadingDesk> {
  return new StoredDesk(storeName(store), await openStored(store));
}

class StoredDesk implements ReadingDesk {
  private readonly store: string;
  private readonly stored: Reading;

  constructor(store: string, stored: Reading) {
    this.store = store;
    this.stored = stored;
  }

  get owner(): Owner | undefined {
    return holder(this.store);
  }

  get: ReadingDesk["get"] = (runId) => this.stored.get(runId);
  list: ReadingDesk["list"] = (filter) => this.stored.list(filter);
  logs: ReadingDesk["logs"] = (runId, path) => this.stored.logs(runId, path);

  async *events(runId: string, fromSeq: number, signal?: AbortSignal): AsyncIterable<TuttiEvent> {
    if (!signal) {
      yield* this.stored.events(runId, fromSeq);
      return;
    }
    let seq = fromSeq;
    const fromFile = (): AsyncIterable<TuttiEvent> => this.stored.events(runId, seq);
    const fromOwner = this.live((client) => client.events(runId, seq, signal));
    for await (const event of this.turns(runId, signal, fromFile, fromOwner)) {
      if (event.seq <= seq) continue;
      seq = event.seq;
      yield event;
    }
  }

  async *progress(runId: string, signal: AbortSignal): AsyncIterable<Progress> {
    let shown = "";
    const { stored } = this;
    const fromFile = async function* (): AsyncIterable<Progress> {
      const now = await stored.progress(runId);
      if (now) yield now;
    };
    const fromOwner = this.live((client) => client.progress(runId, signal));
    for await (const progress of this.turns(runId, signal, fromFile, fromOwner)) {
      const now = JSON.stringify(progress);
      if (now !== shown) yield progress;
      shown = now;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stored[Symbol.asyncDispose]();
  }

  /** What the file has, then what the owner tells, and again with the next owner, until the run has ended. */
  private async *turns<T>(
    runId: string,
    signal: AbortSignal,
    fromFile: () => AsyncIterable<T>,
    fromOwner: () => AsyncIterable<T>,
  ): AsyncIterable<T> {
    using news = new OwnerNews(this.store, systemClock);
    for (let ended = false; !ended && !signal.aborted;) {
      ended = await this.hasEnded(runId);
      yield* fromFile();
      if (ended) return;
      yield* fromOwner();
      if (!(await this.hasEnded(runId))) await news.next(signal);
    }
  }

  private async hasEnded(runId: string): Promise<boolean> {
    const now = await this.stored.progress(runId);
    if (!now) throw new TuttiError("RUN_UNKNOWN", { run: runId });
    return isEndedRun(now.status);
  }

  private live<T>(ask: (client: NonNullable<Awaited<ReturnType<typeof reach>>>) => AsyncIterable<T>) {
    const { store } = this;
    return async function* (): AsyncIterable<T> {
      await using client = await reach(store, systemClock);
      if (!client) return;
      try {
        yield* ask(client);
      } catch (thrown) {
        if (!isGone(thrown)) throw thrown;
      }
    };
  }
}
