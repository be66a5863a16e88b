/** A store that fails when it is told to: dies half-way through a commit, is full, is slow, answers wrongly. */
import type { Clock } from "../std/clock.ts";
import { sleep } from "../std/clock.ts";
import type { Ref } from "../run/ref.ts";
import { NULL_REF } from "../run/ref.ts";
import type { RunCommit, Store } from "../store/port.ts";

/** What becomes of one commit or blob. With nothing in it, it is written and said to be. */
export interface Fault {
  /** Takes so long, ms on the clock, before anything is written. */
  readonly slowMs?: number;
  /** How many of the commit's parts (one for each run) are written. Default: all of them. */
  readonly kept?: number;
  /**
   * `refuse`: the caller hears an error, whatever was kept (as with a full disk, or an answer that was lost).
   * `crash`: the process is dead, whatever was kept; the caller hears nothing it could still act upon.
   */
  readonly ends?: "refuse" | "crash";
}

export interface FaultyStoreOptions {
  /** What `slowMs` waits on. */
  readonly clock: Clock;
  /** Asked before every commit (`parts`: how many runs it has) and before every blob (0). */
  readonly fault: (parts: number) => Fault | undefined;
  /** These parts of a commit are durable, in this order; `whole`: the commit has no others. */
  readonly onDurable?: (commits: readonly RunCommit[], whole: boolean) => void;
  /** The store is dead, by a fault or by `crash()`. Called once. */
  readonly onCrash?: () => void;
}

/**
 * A store with faults around a real one. Once crashed it is dead: every call rejects and writes nothing, however
 * long its engine goes on, so a second engine may be opened on the same rows.
 *
 * ```ts
 * const rows = new MemoryRows();
 * let commits = 0;
 * const store = faultyStore(openMemory(rows), {
 *   clock,
 *   fault: () => (++commits === 3 ? { kept: 1, ends: "crash" } : undefined), // between two runs of the third commit
 * });
 * ```
 */
export function faultyStore(inner: Store, options: FaultyStoreOptions): FaultyStore {
  return new FaultyStore(inner, options);
}

/** Made by `faultyStore()`. */
export class FaultyStore implements Store {
  readonly id: string;
  private readonly inner: Store;
  private readonly options: FaultyStoreOptions;
  private dead = false;

  constructor(inner: Store, options: FaultyStoreOptions) {
    this.id = inner.id;
    this.inner = inner;
    this.options = options;
  }

  /** From here on nothing is read or written through this store. */
  crash(): void {
    if (this.dead) return;
    this.dead = true;
    this.options.onCrash?.();
  }

  async commit(commits: readonly RunCommit[]): Promise<void> {
    const { slowMs, kept = commits.length, ends } = this.options.fault(commits.length) ?? {};
    const { inner } = this.alive();
    if (slowMs !== undefined) await sleep(this.options.clock, slowMs);
    this.alive();
    const parts = kept < commits.length ? commits.slice(0, kept) : commits;
    if (parts.length > 0) {
      await inner.commit(parts);
      this.options.onDurable?.(parts, parts.length === commits.length);
    }
    this.conclude(ends);
  }

  async putBlob(json: string): Promise<Ref> {
    const { slowMs, kept = 1, ends } = this.options.fault(0) ?? {};
    const { inner } = this.alive();
    if (slowMs !== undefined) await sleep(this.options.clock, slowMs);
    this.alive();
    const ref = kept > 0 || !ends ? await inner.putBlob(json) : NULL_REF;
    this.conclude(ends);
    return ref;
  }

  openRuns: Store["openRuns"] = async () => this.heard(await this.alive().inner.openRuns());
  run: Store["run"] = async (runId) => this.heard(await this.alive().inner.run(runId));
  runs: Store["runs"] = async (filter) => this.heard(await this.alive().inner.runs(filter));
  logs: Store["logs"] = async (...which) => this.heard(await this.alive().inner.logs(...which));
  events: Store["events"] = async (...which) => this.heard(await this.alive().inner.events(...which));
  definition: Store["definition"] = async (hash) => this.heard(await this.alive().inner.definition(hash));
  text: Store["text"] = async (ref) => this.heard(await this.alive().inner.text(ref));

  async [Symbol.asyncDispose](): Promise<void> {
    await this.alive().inner[Symbol.asyncDispose]();
  }

  private conclude(ends: Fault["ends"]): void {
    if (ends === "crash") this.crash();
    this.alive();
    if (ends === "refuse") throw new Error("the disk is full (simulated)");
  }

  private heard<T>(answer: T): T {
    this.alive();
    return answer;
  }

  private alive(): this {
    if (this.dead) throw new Error("this process is dead (simulated)");
    return this;
  }
}
