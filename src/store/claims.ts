/** What the claims of the contract have in common. */
import assert from "node:assert/strict";
import type { ErrorCode } from "../errors.ts";
import type { RunEvent } from "../run/events.ts";
import type { LogLine } from "../task/log.ts";
import { DurableStore } from "./durable.ts";
import type { RunCommit, Store } from "./port.ts";
import type { RowStore } from "./rows.ts";
import type { SampleRun } from "./samples.ts";

/** One place that keeps rows. `open` is called again only after what it gave was closed, or crashed. */
export interface RowsUnderTest extends AsyncDisposable {
  open(): Promise<RowStore>;
}

export type Claim = (title: string, body: (rows: RowsUnderTest) => Promise<void>) => void;

/** Opens, uses, closes. */
export async function session<T>(rows: RowsUnderTest, use: (store: Store) => Promise<T>): Promise<T> {
  await using store = new DurableStore(await rows.open());
  return await use(store);
}

/** The same rows with some verbs replaced. */
export function overlay(rows: RowStore, verbs: Partial<RowStore>): RowStore {
  return Object.assign(Object.create(rows) as RowStore, verbs);
}

/** Without the members that are `undefined`. */
export function plain(events: readonly RunEvent[]): readonly RunEvent[] {
  return JSON.parse(JSON.stringify(events)) as RunEvent[];
}

export function steps(run: SampleRun, count: number): RunCommit[] {
  return Array.from({ length: count }, () => run.step());
}

export function toEnd(run: SampleRun): RunCommit[] {
  return [run.start(), ...steps(run, run.run.instances.length)];
}

export function line(path: string, at: number, text: string): LogLine {
  return { path, attempt: 1, at, level: "info", text };
}

export async function refused(code: ErrorCode, promise: Promise<unknown>, message = /./): Promise<void> {
  await assert.rejects(promise, (error: Error & { code?: string }) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}
