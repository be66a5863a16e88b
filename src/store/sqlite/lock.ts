import { DatabaseSync } from "@photostructure/sqlite";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { TuttiError } from "../../errors.ts";
import type { Clock } from "../../std/clock.ts";
import { sqliteCode } from "./failure.ts";
import { makeFile } from "../../host/files.ts";
import { ownerOf, removeOwner, writeOwner } from "../../host/owner.ts";

/**
 * The ownership of a store: an exclusive transaction, never ended, on a tiny database beside it. The kernel lets go
 * of it with the process, however that ends; SQLite also refuses a second one inside this process.
 */
export class Lock {
  readonly file: string;
  /** Held in a field: a collected database would give up the lock. */
  private readonly db: DatabaseSyncInstance;
  private readonly store: string;

  /** `store`: its one name. Throws STORE_LOCKED with pid and socket of the owner, as far as they are known. */
  constructor(store: string, clock: Clock) {
    this.store = store;
    this.file = `${store}.lock`;
    makeFile(this.file);
    this.db = new DatabaseSync(this.file, { timeout: 0 });
    try {
      this.db.exec("BEGIN EXCLUSIVE");
    } catch (thrown) {
      this.db.close();
      if (sqliteCode(thrown) !== "SQLITE_BUSY") throw thrown;
      const owner = ownerOf(store);
      throw new TuttiError("STORE_LOCKED", { store, pid: owner?.pid, socket: owner?.socket });
    }
    try {
      writeOwner(store, { pid: process.pid, startedAt: clock.now() });
    } catch (thrown) {
      this.db.close();
      const problem = `its owner cannot be written down: ${thrown instanceof Error ? thrown.message : String(thrown)}.`;
      throw new TuttiError("STORE_UNUSABLE", { store, problem }, { cause: thrown });
    }
  }

  release(): void {
    removeOwner(this.store);
    this.db.close();
  }
}
