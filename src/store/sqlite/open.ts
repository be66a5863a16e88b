/** A store in one SQLite file: the owner's, and what other processes may read of it. */
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { dirname } from "node:path";
import { TuttiError } from "../../errors.ts";
import { isFile, makeFile, makeFolder, syncFile, syncFolder } from "../../host/files.ts";
import { storeName } from "../../host/owner.ts";
import { systemClock } from "../../std/clock.ts";
import type { Clock } from "../../std/clock.ts";
import { systemIds } from "../../std/ids.ts";
import type { Ids } from "../../std/ids.ts";
import { DurableStore } from "../durable.ts";
import type { Store } from "../port.ts";
import { DurableReader } from "../reader.ts";
import type { StoreReader } from "../reader.ts";
import { openReader, openWriter } from "./connection.ts";
import { die as exit, isFailedSync, lastWords, usable } from "./failure.ts";
import type { Die } from "./failure.ts";
import { Lock } from "./lock.ts";
import { damageInLog } from "./log.ts";
import { migrate, schemaOf } from "./migrate.ts";
import { Place } from "./place.ts";
import { SqliteReader } from "./reader.ts";
import { SqliteRows } from "./rows.ts";
import { newestSchema } from "./schema.ts";

export interface SqliteOptions {
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** Called when a write has left us unsure what is on disk, or nobody will find it there; the default says so on stderr and exits with 74. */
  readonly die?: Die;
}

/**
 * Opens the store at `path` for work, made if it is not there (files 0600, new folders 0700). Throws STORE_LOCKED
 * while another process, or this one, has it open so; STORE_UNUSABLE for a file that is not a store or not of
 * a schema known here, and for an SQLite that is too old or does not sync.
 */
export async function openSqlite(path: string, options?: SqliteOptions): Promise<Store> {
  return new DurableStore(openSqliteRows(path, options));
}

/** Opens a store that may have an owner elsewhere, to read what it has committed. Throws STORE_UNUSABLE. */
export async function openSqliteReader(path: string): Promise<StoreReader> {
  const name = storeName(path);
  return usable(name, () => {
    if (!isFile(name)) throw new TuttiError("STORE_UNUSABLE", { store: name, problem: "there is no such file." });
    syncFile(logOf(name));
    const db = openReader(name);
    return closedOnFailure(db, () => new DurableReader(new SqliteReader(db, readableId(db, name), name)));
  });
}

/** The rows alone, as `openSqlite` opens them. */
export function openSqliteRows(path: string, options: SqliteOptions = {}): SqliteRows {
  const { clock = systemClock, ids = systemIds, die = exit } = options;
  const name = storeName(path);
  return usable(name, () => {
    try {
      makeFolder(dirname(name));
      const lock = new Lock(name, clock);
      return releasedOnFailure(lock, () => {
        makeFile(name);
        // A process that was killed within a commit may have left it whole, but in the machine's memory only. SQLite
        // takes it for committed, and who reads it now relies on it.
        syncFile(logOf(name));
        refuseDamaged(name);
        const db = openWriter(name);
        return closedOnFailure(db, () => {
          const id = writableId(db, name, ids);
          // SQLite does so too, and does not look whether it failed.
          syncFolder(dirname(name));
          const place = new Place([name, logOf(name), lock.file], clock);
          return new SqliteRows(db, { id, name, die, place, onClose: () => lock.release() });
        });
      });
    } catch (thrown) {
      if (isFailedSync(thrown)) die(lastWords(name, thrown));
      throw thrown;
    }
  });
}

/** Before SQLite opens it, which would do away with what it cannot read. */
function refuseDamaged(name: string): void {
  const damage = damageInLog(logOf(name));
  if (damage === undefined) return;
  const problem =
    `${damage}, and commits that were acknowledged lie behind it. Bring ${name} and ${logOf(name)} back from a copy; ` +
    `or move the log away, and go on with what ${name} held before it.`;
  throw new TuttiError("STORE_UNUSABLE", { store: name, problem });
}

function releasedOnFailure<T>(lock: Lock, use: () => T): T {
  try {
    return use();
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

function logOf(file: string): string {
  return `${file}-wal`;
}

function closedOnFailure<T>(db: DatabaseSyncInstance, use: () => T): T {
  try {
    return use();
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** The store's id, once its schema is the newest; made when it has none. */
function writableId(db: DatabaseSyncInstance, file: string, ids: Ids): string {
  migrate(db, file);
  const known = idOf(db);
  if (known !== undefined) return known;
  const id = ids.next("store");
  db.prepare("INSERT INTO meta (key, value) VALUES ('id', ?)").run(id);
  return id;
}

function readableId(db: DatabaseSyncInstance, file: string): string {
  const schema = schemaOf(db, file);
  const id = schema === newestSchema() ? idOf(db) : undefined;
  if (id !== undefined) return id;
  const problem = `it has schema ${schema}; its next owner brings it to ${newestSchema()}.`;
  throw new TuttiError("STORE_UNUSABLE", { store: file, problem });
}

function idOf(db: DatabaseSyncInstance): string | undefined {
  const row = db.prepare("SELECT value FROM meta WHERE key = 'id'").get() as { value: string } | undefined;
  return row?.value;
}
