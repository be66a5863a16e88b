/**
 * A Unix socket only its user can reach: in a folder 0700 that is ours, before anything listens there, and itself 0600.
 * The folder is the wall, so nothing depends on the moment between the two.
 */
import { hash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { removeFile } from "./files.ts";

/** The kernel takes 107 bytes on Linux, 103 elsewhere. */
const LONGEST_PATH = 100;

/**
 * Listens beside the store, or where its path is too long or its disk knows no sockets, in the user's runtime folder;
 * returns where. What is in the way is left from an owner that died: the caller holds the store's lock.
 */
export async function listenFor(store: string, server: Server): Promise<string> {
  let problem = "every place for it has too long a path";
  for (const path of placesFor(store)) {
    try {
      makePrivateFolder(dirname(path));
      removeFile(path);
      await listening(server, path);
      chmodSync(path, 0o600);
      return path;
    } catch (thrown) {
      problem = thrown instanceof Error ? thrown.message : String(thrown);
    }
  }
  throw new Error(problem);
}

function placesFor(store: string): readonly string[] {
  const name = `${hash("sha256", store).slice(0, 24)}.socket`;
  const runtime = process.env["XDG_RUNTIME_DIR"] ?? "";
  const own = `tutti-${userInfo().uid}`;
  const places = [
    join(`${store}.control`, "socket"),
    ...(isAbsolute(runtime) ? [join(runtime, "tutti", name)] : []),
    ...new Set([join(tmpdir(), own, name), join("/tmp", own, name)]),
  ];
  return places.filter((path) => Buffer.byteLength(path) <= LONGEST_PATH);
}

/** Throws for one that somebody else made: in a shared folder anyone may have taken the name. */
function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid) throw new Error(`${folder} is not a folder of ours`);
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
