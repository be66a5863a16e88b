import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ownerOf, removeOwner, storeName, writeOwner } from "./owner.ts";

let folder: string;
beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), "tutti-owner-")))));
afterEach(() => rmSync(folder, { recursive: true }));

const at = (...parts: string[]): string => join(folder, ...parts);

describe("the name of a store", () => {
  test("is where its links lead, of the file and of any folder, there or not yet", () => {
    mkdirSync(at("real"));
    symlinkSync("real", at("folder"));
    symlinkSync("../other/late.db", at("real", "link.db"));
    expect(storeName(at("folder", "store.db"))).toBe(at("real", "store.db"));
    expect(storeName(at("folder", "link.db"))).toBe(at("other", "late.db"));
    mkdirSync(at("other"));
    writeFileSync(at("other", "late.db"), "");
    expect(storeName(at("folder", "link.db"))).toBe(at("other", "late.db"));
    expect(storeName(at("none", "yet", "store.db"))).toBe(at("none", "yet", "store.db"));
  });

  test("is found also where links lead in a circle", () => {
    symlinkSync("b", at("a"));
    symlinkSync("a", at("b"));
    expect(storeName(at("a"))).toMatch(/[ab]$/);
  });
});

describe("the owner", () => {
  test("is whom the file names, while that process lives", () => {
    const store = at("store.db");
    expect(ownerOf(store)).toBeUndefined();
    writeOwner(store, { pid: process.pid, startedAt: 5, socket: "/s" });
    expect(ownerOf(store)).toMatchObject({ pid: process.pid, startedAt: 5, socket: "/s" });
    removeOwner(store);
    expect(ownerOf(store)).toBeUndefined();
  });

  test.each([
    ["a process that has gone", '{"pid":4194304,"startedAt":1,"process":"4194304.1"}'],
    ["another process that has its pid now", `{"pid":${process.pid},"startedAt":1,"process":"${process.pid}.1"}`],
    ["half a record", '{"pid":12'],
    ["no record", '["pid"]'],
  ])("is nobody when the file names %s", (_, text) => {
    writeFileSync(at("store.db.owner"), text);
    expect(ownerOf(at("store.db"))).toBeUndefined();
  });
});
