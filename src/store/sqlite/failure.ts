/** What an error of SQLite means for us. */
import { TuttiError } from "../../errors.ts";
import { exitProcess } from "../../host/exit.ts";

/** Says why on stderr and does not come back. A test may give one that does; the store then takes nothing more. */
export type Die = (line: string) => void;

/** EX_IOERR of sysexits.h. */
const EXIT_IO = 74;

export const die: Die = (line) => {
  // Synchronous for files, pipes and terminals alike.
  process.stderr.write(`${line}\n`);
  exitProcess(EXIT_IO);
};

/** `SQLITE_FULL`, `SQLITE_IOERR`, …; `undefined` for an error that is not SQLite's. */
export function sqliteCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ("sqliteCodeName" in thrown && typeof thrown.sqliteCodeName === "string") return thrown.sqliteCodeName;
  // What `all()` throws over a damaged page says no more than this.
  return "code" in thrown && thrown.code === "ERR_SQLITE_ERROR" ? "SQLITE_ERROR" : undefined;
}

/** Errors after which we know that nothing of the transaction is on disk, and that the next may succeed. */
const KNOWN_NOT_WRITTEN: ReadonlySet<string> = new Set([
  "SQLITE_FULL",
  "SQLITE_BUSY",
  "SQLITE_CONSTRAINT",
  "SQLITE_TOOBIG",
  "SQLITE_MISMATCH",
  "SQLITE_READONLY",
]);

/** False after whatever leaves us unsure: a failed write or sync, a damaged page, no memory. */
export function isKnownNotWritten(thrown: unknown): boolean {
  const code = sqliteCode(thrown);
  return code === undefined || KNOWN_NOT_WRITTEN.has(code);
}

/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. */
const SYNC_FAILURES: ReadonlySet<unknown> = new Set([1034, 1290]);

/** After it the next sync of the same file succeeds, without what was lost. */
export function isFailedSync(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if ("sqliteExtendedCode" in thrown) return SYNC_FAILURES.has(thrown.sqliteExtendedCode);
  // EINVAL: it knows no syncs, and has taken nothing that could be lost.
  return "syscall" in thrown && thrown.syscall === "fsync" && !("code" in thrown && thrown.code === "EINVAL");
}

/** What `die` is told. */
export function lastWords(store: string, thrown: unknown): string {
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return `tutti: writing the store ${store} failed (${problem}). Ending at once: what was acknowledged is safe.`;
}

/** An error of SQLite or of the system in our words; any other as it is. */
export function asUnusable(store: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const code = sqliteCode(thrown);
  // The message of an error of the system begins with its code.
  if (code === undefined && !("syscall" in thrown)) return thrown;
  const why = code === undefined ? thrown.message : `${thrown.message} (${code})`;
  const problem = code === "SQLITE_FULL" ? "the disk is full." : `${why}.`;
  return new TuttiError("STORE_UNUSABLE", { store, problem }, { cause: thrown });
}

/** The answer of `use`, or its error in our words. */
export function usable<T>(store: string, use: () => T): T {
  try {
    return use();
  } catch (thrown) {
    throw asUnusable(store, thrown);
  }
}
