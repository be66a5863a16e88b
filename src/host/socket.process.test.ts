/** Where an owner listens, and who can come there. Its own process: the environment is the machine's. */
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listenFor } from "./socket.ts";

let folder: string;
let server: Server;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutti-socket-"));
  server = createServer();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

function long(): string {
  const deep = join(folder, "x".repeat(100));
  mkdirSync(deep);
  return join(deep, "store.db");
}

test("it is beside the store, in a folder of its own, for its user alone", async () => {
  const store = join(folder, "store.db");
  const path = await listenFor(store, server);
  expect(path).toBe(join(`${store}.control`, "socket"));
  expect([modeOf(dirname(path)), modeOf(path)]).toEqual(["700", "600"]);
});

test("a folder that others could enter is closed to them first", async () => {
  const store = join(folder, "store.db");
  mkdirSync(`${store}.control`);
  chmodSync(`${store}.control`, 0o777);
  expect(modeOf(dirname(await listenFor(store, server)))).toBe("700");
});

test("what an owner that died has left there is replaced", async () => {
  const store = join(folder, "store.db");
  mkdirSync(`${store}.control`);
  writeFileSync(join(`${store}.control`, "socket"), "stale");
  const path = await listenFor(store, server);
  server.on("connection", (socket) => socket.end("here"));
  const heard = await new Promise((resolve) => connect(path).on("data", (bytes) => resolve(bytes.toString())));
  expect(heard).toBe("here");
});

test("a store whose path is too long is reached in the user's runtime folder, each by a name of its own", async () => {
  vi.stubEnv("XDG_RUNTIME_DIR", join(folder, "run"));
  const store = long();
  const path = await listenFor(store, server);
  expect(dirname(path)).toBe(join(folder, "run", "tutti"));
  expect([modeOf(dirname(path)), modeOf(path)]).toEqual(["700", "600"]);
  const second = createServer();
  expect(await listenFor(`${store}2`, second)).not.toBe(path);
  await new Promise((resolve) => second.close(resolve));
});

test("without one it is in a folder below TMPDIR that only this user may have made", async () => {
  vi.stubEnv("XDG_RUNTIME_DIR", "not/absolute");
  vi.stubEnv("TMPDIR", folder);
  const path = await listenFor(long(), server);
  expect(dirname(path)).toBe(join(folder, `tutti-${userInfo().uid}`));
  expect(modeOf(dirname(path))).toBe("700");
});

test("a link in the place of its folder is not followed", async () => {
  const store = join(folder, "store.db");
  mkdirSync(join(folder, "elsewhere"));
  symlinkSync("elsewhere", `${store}.control`);
  vi.stubEnv("XDG_RUNTIME_DIR", join(folder, "run"));
  expect(dirname(await listenFor(store, server))).toBe(join(folder, "run", "tutti"));
  expect(existsSync(join(folder, "elsewhere", "socket"))).toBe(false);
});
