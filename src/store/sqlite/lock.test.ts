import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownerOf } from "../../host/owner.ts";
import { systemClock } from "../../std/clock.ts";
import { Lock } from "./lock.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "tutti-lock-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("whoever holds it is named; released, nobody is", () => {
  const store = join(folder, "store.db");
  const lock = new Lock(store, systemClock);
  expect(ownerOf(store)).toMatchObject({ pid: process.pid });
  expect(() => new Lock(store, systemClock)).toThrow(`has another owner (pid ${process.pid}).`);
  lock.release();
  expect(ownerOf(store)).toBeUndefined();
});

test("a holder that cannot be named does not hold it", () => {
  const store = join(folder, "store.db");
  mkdirSync(`${store}.owner`);
  expect(() => new Lock(store, systemClock)).toThrow("cannot be used: its owner cannot be written down: ");
  rmdirSync(`${store}.owner`);
  new Lock(store, systemClock).release();
});
