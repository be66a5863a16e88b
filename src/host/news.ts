/** Waiting for another owner: told by the folder at once where that works, looking once a second where it does not. */
import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import type { Clock } from "../std/clock.ts";
import { ownerFile } from "./owner.ts";

const LOOK_EVERY_MS = 1_000;

/** News of who owns a store. Begins with its making, so that nothing between a look and a wait is missed. */
export class OwnerNews implements Disposable {
  private readonly clock: Clock;
  private readonly watcher: FSWatcher | undefined;
  private news = false;
  private wake: (() => void) | undefined;

  constructor(store: string, clock: Clock) {
    this.clock = clock;
    const name = basename(ownerFile(store));
    try {
      this.watcher = watch(dirname(store), (_, changed) => {
        if (changed === name) this.tell();
      });
      this.watcher.on("error", () => this.watcher?.close());
    } catch {
      // No more watches to be had.
    }
  }

  /** Resolves when the owner may be another one or the file may hold more, or the signal has aborted. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.news && !signal.aborted)
      await new Promise<void>((resolve) => {
        const disarm = this.clock.after(LOOK_EVERY_MS, () => this.wake?.());
        this.wake = () => {
          disarm();
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const { wake } = this;
        signal.addEventListener("abort", wake);
      });
    this.news = false;
    this.wake = undefined;
  }

  [Symbol.dispose](): void {
    this.watcher?.close();
  }

  private tell(): void {
    this.news = true;
    this.wake?.();
  }
}
