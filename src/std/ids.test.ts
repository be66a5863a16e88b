import { describe, expect, test } from "vitest";
import { countedIds, systemIds } from "./ids.ts";

describe("ids of the system", () => {
  test("are prefixed, unlike each other, and sort in the order they were made", () => {
    const ids = Array.from({ length: 10_000 }, () => systemIds.next("run"));
    expect(new Set(ids).size).toBe(10_000);
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids.slice(0, 100)) expect(id).toMatch(/^run_[0-9a-f]{32}$/);
  });
});

describe("counted ids", () => {
  test("are the same in every simulation, and sort", () => {
    const ids = countedIds();
    expect([ids.next("run"), ids.next("job")]).toEqual(["run_00000001", "job_00000002"]);
    expect(countedIds().next("run")).toBe("run_00000001");
  });
});
