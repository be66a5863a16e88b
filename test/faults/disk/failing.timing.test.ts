/** T06, T07 and T08: a whole engine on a disk that is full, fails or is slow. The long form is test/long/disk.test.ts. */
import { describe, expect, test } from "vitest";
import { onFullDisk } from "./full.ts";
import { withFault } from "./injected.ts";

const timeout = 60_000;

describe("a disk that fails", () => {
  // Not 4 and 8: folders that SQLite syncs without looking whether it could; we do so again.
  test.each([
    ...[1, 2, 3, 6, 10, 14, 20, 26].map((n) => [`sync ${n}`, `fsync:error=EIO:when=${n}`]),
    ["a write", "pwrite64:error=EIO:when=150"],
  ])(
    "%s: the engine ends within a second with 74, promises nothing more, and loses nothing",
    { timeout },
    async (_, fault) => {
      const left = await withFault(fault);
      expect(left).toMatchObject({ struck: 1, code: 74, promisedAfter: [], wrong: [] });
      expect(left.stderr).toMatch(/^tutti: writing the store .* failed \(.*I\/O error.*\)\. Ending at once: .*\n$/i);
      expect(left.msAfter).toBeLessThan(1_000);
    },
  );
});

describe("a full disk", () => {
  test.each(["70", "150..152", "300"])(
    "at write %s: the commit is tried again until there is room, and no step runs twice",
    { timeout },
    async (when) => {
      const left = await withFault(`pwrite64:error=ENOSPC:when=${when}`);
      expect(left).toMatchObject({ code: 0, told: 6, unusual: [], wrong: [] });
      expect(left.struck).toBeGreaterThan(0);
      expect(left.stderr).toContain("the store refuses to commit, trying again: ");
      expect(left.executions.length).toBe(new Set(left.executions).size);
    },
  );

  test("while the store is made: it is refused, and made when there is room", { timeout }, async () => {
    const left = await withFault("pwrite64:error=ENOSPC:when=20");
    expect(left).toMatchObject({ struck: 1, code: 1, promisedAfter: [], wrong: [] });
    expect(left.stderr).toContain("STORE_UNUSABLE");
  });

  test(
    "of 8 MB: nothing is promised while it is full, what is there can be read, and with room it goes on",
    { timeout },
    async () => {
      const { promisedWhileFull, readWhileFull, refusals, ended, wrong } = await onFullDisk();
      expect({ promisedWhileFull, wrong }).toEqual({ promisedWhileFull: 0, wrong: [] });
      expect(refusals).toBeGreaterThan(1);
      expect(readWhileFull).toBeGreaterThan(0);
      expect(ended).toBeGreaterThan(readWhileFull);
    },
  );
});

describe("a slow disk", () => {
  test.each([
    ["50 ms for each sync", "fsync:delay_enter=50000"],
    ["700 ms for some", "fsync:delay_enter=700000:when=13..16"],
  ])("%s: every step is executed once, and none that was in time is said to be late", { timeout }, async (_, fault) => {
    const left = await withFault(fault, { programs: true });
    expect(left).toMatchObject({ code: 0, told: 6, unusual: [], wrong: [], stderr: "" });
    expect(left.struck).toBeGreaterThan(3);
    expect(left.executions.length).toBe(24);
    expect(new Set(left.executions).size).toBe(24);
  });
});
