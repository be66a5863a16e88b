/** One run in the hands of whoever started it or asked for it. */
import { TuttiError } from "../errors.ts";
import type { Progress } from "../run/progress.ts";
import { progressOf } from "../run/progress.ts";
import type { Runtime, RunView } from "../run/runtime.ts";
import type { Clock, Disarm } from "../std/clock.ts";
import type { LogLine } from "../task/log.ts";
import type { TuttiEvent } from "./event.ts";
import { describeEvent } from "./event.ts";
import type { RunInfo } from "./view.ts";
import { describeRun } from "./view.ts";

export class RunHandle<out Out = unknown> {
  readonly id: string;
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #intervalMs: number;

  constructor(
    id: string,
    parts: { readonly runtime: Runtime; readonly clock: Clock; readonly progressIntervalMs: number },
  ) {
    this.id = id;
    this.#runtime = parts.runtime;
    this.#clock = parts.clock;
    this.#intervalMs = parts.progressIntervalMs;
  }

  /**
   * The output when the run has completed, also partially. Rejects with RUN_FAILED (its `cause` is the failure) or
   * RUN_CANCELLED; what the steps made is in `get()` all the same.
   */
  async result(): Promise<Out> {
    const run = await this.#runtime.whenEnded(this.id);
    if (run.end === "completed" && run.output) return JSON.parse(await this.#runtime.blob.get(run.output)) as Out;
    if (run.end === "cancelled") throw new TuttiError("RUN_CANCELLED", { run: run.id, reason: run.stopping?.reason });
    const { error } = run;
    const data = { run: run.id, path: error?.path ?? "its end", problem: error?.message, kind: error?.kind };
    throw new TuttiError("RUN_FAILED", data, { cause: error });
  }

  async get(): Promise<RunInfo> {
    return describeRun(this.#runtime, await this.#view());
  }

  /** The last value at once, then every change, at most one in `progressIntervalMs`; the last when the run has ended. */
  progress(): AsyncIterable<Progress>;
  /** The same as calls. Returns what ends them. */
  progress(listener: (progress: Progress) => void): Disarm;
  progress(listener?: (progress: Progress) => void): AsyncIterable<Progress> | Disarm {
    return listener ? this.#listen(listener) : this.#iterate();
  }

  /** Everything that has happened and will, from the first event after `fromSeq` to the last. */
  async *events(fromSeq = 0, signal: AbortSignal = new AbortController().signal): AsyncIterable<TuttiEvent> {
    await this.#view();
    for await (const event of this.#runtime.subscribe(this.id, fromSeq, signal)) {
      yield await describeEvent(this.#runtime, this.id, event);
    }
  }

  /** What attempts wrote with `ctx.log`, or programs on stderr: of one instance by its path, or of all. */
  logs(path?: string): Promise<readonly LogLine[]> {
    return this.#runtime.logs(this.id, path);
  }

  pause(): Promise<void> {
    return this.#runtime.post(this.id, { type: "pause" });
  }

  resume(): Promise<void> {
    return this.#runtime.post(this.id, { type: "resume" });
  }

  cancel(reason?: string): Promise<void> {
    return this.#runtime.post(this.id, { type: "cancel", ...(reason !== undefined && { reason }) });
  }

  /** At once, without waiting for anything to stop: the run ends `cancelled` and `inconsistent`. */
  kill(reason?: string): Promise<void> {
    return this.#runtime.post(this.id, { type: "kill", ...(reason !== undefined && { reason }) });
  }

  #listen(listener: (progress: Progress) => void): Disarm {
    let open = true;
    let lastAt = -Infinity;
    let trailing: Disarm | undefined;
    let latest: RunView | undefined;
    const close = (): void => {
      open = false;
      trailing?.();
      disarm();
    };
    const tell = (): void => {
      trailing = undefined;
      if (!open || !latest) return;
      lastAt = this.#clock.uptime();
      const { run } = latest;
      listener(progressOf(latest));
      if (run.end) close();
    };
    const changed = (view: RunView): void => {
      latest = view;
      const waitMs = view.run.end ? 0 : lastAt + this.#intervalMs - this.#clock.uptime();
      if (waitMs <= 0) {
        trailing?.();
        tell();
      } else trailing ??= this.#clock.after(waitMs, tell);
    };
    const disarm = this.#runtime.watch(this.id, changed);
    this.#view().then(
      (view) => {
        if (open && lastAt === -Infinity) changed(view);
      },
      () => close(),
    );
    return close;
  }

  async *#iterate(): AsyncIterable<Progress> {
    await this.#view();
    let latest: Progress | undefined;
    let wake: (() => void) | undefined;
    const close = this.#listen((progress) => {
      latest = progress;
      wake?.();
    });
    try {
      for (;;) {
        if (!latest) await new Promise<void>((resolve) => (wake = resolve));
        const now: Progress | undefined = latest;
        latest = undefined;
        if (!now) continue;
        yield now;
        if (now.total === now.ended && isOver(now)) return;
      }
    } finally {
      close();
    }
  }

  async #view(): Promise<RunView> {
    const view = await this.#runtime.get(this.id);
    if (!view) throw new TuttiError("RUN_UNKNOWN", { run: this.id });
    return view;
  }
}

function isOver({ status }: Progress): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}
