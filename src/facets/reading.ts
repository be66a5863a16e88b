/** Runs as their store has them, with no engine: what a process may see that does not own it. Nothing is live here. */
import type { Progress } from "../run/progress.ts";
import { progressOf } from "../run/progress.ts";
import type { RunFilter } from "../run/runtime.ts";
import type { StoreReader } from "../store/reader.ts";
import type { LogLine } from "../task/log.ts";
import type { TuttiEvent } from "./event.ts";
import { describeEvent } from "./event.ts";
import type { Blobs, RunInfo, RunLine } from "./view.ts";
import { describeLine, describeRun } from "./view.ts";

const EVENTS_PER_PAGE = 1_000;
const LOG_LINES = 10_000;

export class Reading implements AsyncDisposable {
  readonly #store: StoreReader;
  readonly #blobs: Blobs;

  constructor(store: StoreReader) {
    this.#store = store;
    this.#blobs = { blob: { get: (ref) => store.text(ref) } };
  }

  async get(runId: string): Promise<RunInfo | undefined> {
    const run = await this.#store.run(runId);
    return run && describeRun(this.#blobs, { run, attempts: [] });
  }

  async progress(runId: string): Promise<Progress | undefined> {
    const run = await this.#store.run(runId);
    return run && progressOf({ run, attempts: [] });
  }

  /** Newest first. */
  async list(
    filter: RunFilter,
  ): Promise<{ readonly items: readonly RunLine[]; readonly nextCursor: string | undefined }> {
    const { items, nextCursor } = await this.#store.runs(filter);
    return { items: items.map(describeLine), nextCursor };
  }

  logs(runId: string, path?: string): Promise<readonly LogLine[]> {
    return this.#store.logs(runId, path, LOG_LINES);
  }

  /** Those after `fromSeq` that there are. */
  async *events(runId: string, fromSeq: number): AsyncIterable<TuttiEvent> {
    let seq = fromSeq;
    for (;;) {
      const page = await this.#store.events(runId, seq, EVENTS_PER_PAGE);
      for (const event of page) {
        yield await describeEvent(this.#blobs, runId, event);
        seq = event.seq;
      }
      if (page.length < EVENTS_PER_PAGE) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}
