import { DatabaseSync } from "@photostructure/sqlite";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { TuttiError } from "../../errors.ts";
import type { Clock } from "../../std/clock.ts";
import { sqliteCode } from "./failure.ts";
import { makeFile, readSmallFile, removeFile, writeSmallFile } from "../../host/files.ts";

/**
 * The ownership of a store: an exclusive transaction, never ended, on a tiny database beside it. The kernel lets go
 * of it with the process, however that ends; SQLite also refuses a second one inside this process.
 */
export class Lock {
  /** Held in a field: a collected database would give up the lock. */
  private readonly db: DatabaseSyncInstance;
  private readonly ownerFile: string;

  /** Throws STORE_LOCKED with the pid of the owner, when it is known. */
  constructor(store: string, clock: Clock) {
    this.ownerFile = `${store}.owner`;
    makeFile(`${store}.lock`);
    this.db = new DatabaseSync(`${store}.lock`, { timeout: 0 });
    try {
      this.db.exec("BEGIN EXCLUSIVE");
    } catch (thrown) {
      this.db.close();
      if (sqliteCode(thrown) !== "SQLITE_BUSY") throw thrown;
      throw new TuttiError("STORE_LOCKED", { store, pid: pidIn(readSmallFile(this.ownerFile)) });
    }
    writeSmallFile(this.ownerFile, JSON.stringify({ pid: process.pid, startedAt: clock.now() }));
  }

  release(): void {
    removeFile(this.ownerFile);
    this.db.close();
  }
}

function pidIn(text: string | undefined): number | undefined {
  try {
    const owner: unknown = JSON.parse(text ?? "null");
    if (typeof owner !== "object" || owner === null || !("pid" in owner)) return undefined;
    return typeof owner.pid === "number" ? owner.pid : undefined;
  } catch {
    return undefined;
  }
}
