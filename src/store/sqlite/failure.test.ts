/** Paths where no store can be: told in one sentence, by whoever would own it and by whoever would read it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { asUnusable, isFailedSync } from "./failure.ts";
import { openSqlite, openSqliteReader } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "tutti-nowhere-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "file"), "");
mkdirSync(join(folder, "folder"));

describe("a store cannot be", () => {
  test.each([
    ["below a file", join(folder, "file/store.db"), /ENOTDIR/],
    ["of a name too long for its lock", join(folder, "x".repeat(252)), /ENAMETOOLONG/],
    ["of a name too long for itself", join(folder, "x".repeat(300)), /ENAMETOOLONG/],
    ["a folder", join(folder, "folder"), /unable to open database file/],
  ])("%s", async (_, path, problem) => {
    const refused = { code: "STORE_UNUSABLE", message: expect.stringMatching(problem) as string };
    await expect(openSqlite(path)).rejects.toMatchObject(refused);
    await expect(openSqliteReader(path)).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
  });

  // Where nothing can be made, and where nothing can be synced.
  test.skipIf(!existsSync("/proc/self")).each(["/proc/s.db", "/proc/none/deep/s.db", "/proc/self/s.db"])(
    "at %s",
    async (path) => {
      await expect(openSqlite(path)).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
    },
  );
});

test("an error of the system is told in our words, with its own; one of ours stays as it is", () => {
  const denied = Object.assign(new Error("EACCES: permission denied, open 's.db-wal'"), { syscall: "open" });
  expect(asUnusable("s.db", denied)).toMatchObject({
    message: "The store s.db cannot be used: EACCES: permission denied, open 's.db-wal'.",
    cause: denied,
  });
  const ours = new TypeError("a fault");
  expect(asUnusable("s.db", ours)).toBe(ours);
});

test("a sync that the disk refused is a failed one; where there are no syncs there is none", () => {
  const sync = (code: string): Error => Object.assign(new Error(code), { code, syscall: "fsync" });
  expect([isFailedSync(sync("EIO")), isFailedSync(sync("EINVAL"))]).toEqual([true, false]);
});
