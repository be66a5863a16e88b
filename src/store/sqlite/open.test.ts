/** What only a file can show: pragmas, modes, locks inside one process, damage on disk, a full disk. */
import { DatabaseSync } from "@photostructure/sqlite";
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../std/clock.ts";
import type { Store } from "../port.ts";
import { DurableStore } from "../durable.ts";
import { sampleChain, SampleRun } from "../samples.ts";
import { isOlder, openWriter, pragma } from "./connection.ts";
import { migrate } from "./migrate.ts";
import { openSqlite, openSqliteReader } from "./open.ts";
import { Place } from "./place.ts";
import { SqliteRows } from "./rows.ts";
import { MIGRATIONS, newestSchema } from "./schema.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutti-sqlite-"));
  file = join(folder, "store.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The same bytes under the same name, in another file. */
function replaced(path: string): void {
  copyFileSync(path, `${path}.copy`);
  renameSync(`${path}.copy`, path);
}

/** Something happens to the closed file. */
function tamper(sql: string, ...values: (string | number)[]): void {
  using db = new DatabaseSync(file);
  db.prepare(sql).run(...values);
}

async function filled(...runs: SampleRun[]): Promise<void> {
  await using store = await openSqlite(file);
  await store.commit(runs.map((run) => run.start()));
}

async function using<T>(use: (store: Store) => Promise<T>): Promise<T> {
  await using store = await openSqlite(file);
  return await use(store);
}

describe("durability", () => {
  test("every opening syncs in full, also where the driver's default is weaker", async () => {
    await filled();
    using plain = new DatabaseSync(file);
    expect(pragma(plain, "synchronous")).toBe(1);
    using writer = openWriter(file);
    expect(pragma(writer, "synchronous")).toBe(2);
    expect(pragma(writer, "journal_mode")).toBe("wal");
    expect(pragma(writer, "wal_autocheckpoint")).toBe(0);
  });

  test("the log is written home before it grows without end", async () => {
    const value = JSON.stringify("x".repeat(1_000_000));
    await using(async (store) => {
      for (let n = 0; n < 60; n++) await store.putBlob(value.replace("x", String(n)));
      expect(statSync(`${file}-wal`).size).toBeLessThan(30_000_000);
    });
  });

  test.each([
    ["3.51.2", true],
    ["3.51.3", false],
    ["3.53.0", false],
    ["3.9.20", true],
    ["4.0.0", false],
    ["2.99.99", true],
  ])("SQLite %s is too old: %s", (version, older) => expect(isOlder(version)).toBe(older));

  test("a full disk refuses the commit, and only that", async () => {
    const [run, large] = [new SampleRun("run_1"), new SampleRun("run_2", { pinned: sampleChain(1) })];
    await filled(run);
    const db = openWriter(file);
    const died: string[] = [];
    const rows = new SqliteRows(db, {
      id: "store",
      name: file,
      die: (line) => died.push(line),
      place: new Place([file], systemClock),
      onClose: () => undefined,
    });
    await using store = new DurableStore(rows);
    db.exec(`PRAGMA max_page_count = ${Number(pragma(db, "page_count")) + 2}`);
    const start = large.start();
    const big = {
      ...start,
      logs: [{ path: "a", attempt: 1, at: 1, level: "info", text: "x".repeat(50_000) } as const],
    };
    await expect(store.commit([run.step(), big])).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
    await expect(store.commit([big])).rejects.toThrow("the disk is full");
    expect((await store.openRuns()).runs).toHaveLength(1);
    db.exec("PRAGMA max_page_count = 1000000");
    await store.commit([big]);
    expect(await store.run("run_2")).toEqual(large.run);
    expect(died).toEqual([]);
  });

  test("an error that leaves us unsure ends the process, and nothing is acknowledged after it", async () => {
    const run = new SampleRun("run_1");
    await filled(run);
    using scan = new DatabaseSync(file);
    const root = scan.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'events'").get() as { rootpage: number };
    scan.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xff, (root.rootpage - 1) * 4096, root.rootpage * 4096));
    const died: string[] = [];
    await using store = await openSqlite(file, { die: (line) => died.push(line) });
    await expect(store.commit([run.step()])).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
    expect(died).toEqual([
      expect.stringMatching(/^tutti: writing the store .* failed \(database disk image is malformed/),
    ]);
    await expect(store.putBlob("x".repeat(100_000))).rejects.toThrow("an earlier write of it has failed");
  });
});

describe("files that go away", () => {
  test.each<[string, () => void]>([
    ["the file is removed", () => rmSync(file)],
    ["the file is replaced by a copy of itself", () => replaced(file)],
    ["the log is removed", () => rmSync(`${file}-wal`)],
    ["the lock is removed", () => rmSync(`${file}.lock`)],
    ["the folder is moved", () => renameSync(join(folder, "store"), join(folder, "moved"))],
  ])("when %s, the owner ends at once, and acknowledges nothing more", async (_what, happen) => {
    file = join(folder, "store", "store.db");
    const run = new SampleRun("run_1", { pinned: sampleChain(1) });
    const clock = { ...systemClock, uptime: () => 0 };
    const died: string[] = [];
    await using store = await openSqlite(file, { clock, die: (line) => died.push(line) });
    await store.commit([run.start()]);
    happen();
    await expect(store.commit([run.step()])).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
    expect(died).toEqual([
      expect.stringMatching(/^tutti: \S+ was moved, removed or replaced .* Ending at once: .*\.$/),
    ]);
    await expect(store.putBlob("x".repeat(100_000))).rejects.toThrow("an earlier write of it has failed");
  });

  test("it is looked for with the end of a run, and ten times a second", async () => {
    let now = 0;
    const clock = { ...systemClock, uptime: () => now };
    const died: string[] = [];
    const run = new SampleRun("run_1", { pinned: sampleChain(4) });
    await using store = await openSqlite(file, { clock, die: (line) => died.push(line) });
    await store.commit([run.start()]);
    replaced(file);
    now = 99;
    await store.commit([run.step()]);
    expect(died).toEqual([]);
    now = 100;
    await expect(store.commit([run.step()])).rejects.toThrow(`${file} was moved, removed or replaced`);
    expect(died).toHaveLength(1);
  });
});

describe("files", () => {
  test("everything new is for its owner alone", async () => {
    file = join(folder, "new", "deep", "store.db");
    await using store = await openSqlite(file);
    await store.commit([new SampleRun("run_1").start()]);
    const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    for (const end of ["", "-wal", "-shm", ".lock", ".owner"]) expect([end, modeOf(file + end)]).toEqual([end, "600"]);
    expect([modeOf(join(folder, "new")), modeOf(join(folder, "new/deep"))]).toEqual(["700", "700"]);
  });

  test("a value of 20 MB comes back", async () => {
    const value = JSON.stringify("é".repeat(10_000_000));
    const ref = await using((store) => store.putBlob(value));
    expect(ref).toMatchObject({ size: 20_000_002 });
    expect((await using((store) => store.text(ref))) === value).toBe(true);
  });

  test("a second owner in the same process is refused until the first has closed", async () => {
    const first = await openSqlite(file);
    for (let n = 0; n < 3; n++)
      await expect(openSqlite(file)).rejects.toMatchObject({ code: "STORE_LOCKED", data: { pid: process.pid } });
    await first.commit([new SampleRun("run_1").start()]);
    await first[Symbol.asyncDispose]();
    expect(await using(async (store) => (await store.openRuns()).runs.length)).toBe(1);
  });

  test("a reader sees what the owner commits, and what an owner left", async () => {
    await expect(openSqliteReader(file)).rejects.toThrow("there is no such file");
    const run = new SampleRun("run_1");
    await using(async (store) => {
      await store.commit([run.start()]);
      await using reader = await openSqliteReader(file);
      expect(reader.id).toBe(store.id);
      expect(await reader.run("run_1")).toEqual(run.run);
      await store.commit([run.step()]);
      expect(await reader.run("run_1")).toEqual(run.run);
    });
    await using reader = await openSqliteReader(file);
    expect(await reader.events("run_1", 0, 100)).toHaveLength(run.run.seq);
  });
});

describe("schema", () => {
  test("a file of a newer schema is refused in one sentence, by owner and reader, and let go of", async () => {
    await filled(new SampleRun("run_1"));
    tamper("UPDATE meta SET value = '99' WHERE key = 'schema'");
    const problem = `it has schema 99 and this Tutti knows schemas up to ${newestSchema()}. Use a newer Tutti.`;
    await expect(openSqlite(file)).rejects.toMatchObject({ code: "STORE_UNUSABLE", data: { problem } });
    await expect(openSqliteReader(file)).rejects.toMatchObject({ data: { problem } });
    tamper("UPDATE meta SET value = ? WHERE key = 'schema'", String(newestSchema()));
    expect(await using(async (store) => (await store.openRuns()).runs.length)).toBe(1);
  });

  test("a file of a development version is refused in one sentence, and not called damaged", async () => {
    await filled(new SampleRun("run_1"));
    tamper("UPDATE meta SET value = '1' WHERE key = 'schema'");
    const problem = /^The store .* it was written by an older development version of Tutti; this one cannot read it\./;
    for (const opening of [openSqlite(file), openSqliteReader(file)]) await expect(opening).rejects.toThrow(problem);
    tamper("UPDATE meta SET value = '2' WHERE key = 'schema'");
    expect(await using(async (store) => (await store.openRuns()).runs.length)).toBe(1);
  });

  test("a file of something else is refused and left as it is", async () => {
    tamper("CREATE TABLE bookmarks (url TEXT)");
    await expect(openSqlite(file)).rejects.toThrow("it is a database of something else");
    writeFileSync(file, "no database at all, but long enough to be looked at ".repeat(50));
    await expect(openSqlite(file)).rejects.toThrow("file is not a database");
    expect(readFileSync(file, "utf8")).toMatch(/^no database/);
  });

  test("an older file is copied, then brought up step by step; a step that fails changes nothing", async () => {
    const run = new SampleRun("run_1");
    await filled(run);
    const next = newestSchema() + 1;
    const added = "ALTER TABLE runs ADD COLUMN colour TEXT";
    using db = openWriter(file);
    expect(() => migrate(db, file, [...MIGRATIONS, `${added}; CREATE TABLE runs (a)`])).toThrow("already exists");
    expect(() => db.prepare("SELECT colour FROM runs")).toThrow("no such column");
    migrate(db, file, [...MIGRATIONS, added]);
    expect(db.prepare("SELECT id, colour FROM runs").all()).toEqual([{ id: "run_1", colour: null }]);
    expect(() => migrate(db, file, MIGRATIONS)).toThrow(`it has schema ${next}`);
    db.close();
    file = `${file}.before-v${next}`;
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    expect(await using(async (store) => (await store.openRuns()).runs)).toEqual([run.run]);
  });
});

describe("damage on disk", () => {
  test.each([
    ["an altered last event", "UPDATE events SET body = replace(body, 'worker', 'walker') WHERE run = 2 AND seq = 3"],
    ["a journal without its end", "DELETE FROM events WHERE run = 2 AND seq = 3"],
    ["a head behind its journal", "UPDATE positions SET seq = 2 WHERE run = 2"],
    ["a lost position", "DELETE FROM positions WHERE run = 2"],
    ["a head that is not JSON", "UPDATE runs SET head = substr(head, 2) WHERE run = 2"],
    ["an instance that is not JSON", "UPDATE instances SET body = '' WHERE id = 2 * 1048576"],
  ])("%s is named, and its neighbours load", async (_what, sql) => {
    await filled(new SampleRun("run_1"), new SampleRun("run_2"), new SampleRun("run_3"));
    tamper(sql);
    const { runs, damaged } = await using((store) => store.openRuns());
    expect(runs.map(({ id }) => id)).toEqual(["run_1", "run_3"]);
    expect(damaged.map(({ runId }) => runId)).toEqual(["run_2"]);
  });
});
