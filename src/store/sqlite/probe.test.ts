import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SampleRun } from "../samples.ts";
import { openSqlite } from "./open.ts";
import { probeSchema, probeSqlite } from "./probe.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tutti-probe-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("SQLite here is new enough, syncs every commit, and leaves nothing behind", () => {
  const { version, journalMode, synchronous, commitMs } = probeSqlite(folder);
  expect(version).toMatch(/^3\./);
  expect([journalMode, synchronous]).toEqual(["wal", 2]);
  expect(commitMs).toBeGreaterThan(0);
});

test("a store whose own structure is damaged is told, one that is sound is not", async () => {
  const file = join(folder, "s.db");
  const store = await openSqlite(file);
  for (let n = 0; n < 20; n++) await store.commit([new SampleRun(`run_${n}`).start()]);
  await store[Symbol.asyncDispose]();
  expect(probeSchema(file)).toEqual({ schema: 2, newest: 2, damage: undefined });

  const sound = readFileSync(file);
  const pageSize = sound.readUInt16BE(16);
  const told: string[] = [];
  // The number of cells of every page but the first, which holds the schema.
  for (let page = pageSize; page < sound.length; page += pageSize) {
    const bytes = Buffer.from(sound);
    bytes[page + 4] = (bytes[page + 4] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const { damage } = probeSchema(file);
    if (damage !== undefined) told.push(damage);
  }
  expect(told.length).toBe(sound.length / pageSize - 1);
});
