import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";

export type Value = number | string | null;

/** A call into SQLite costs about as much as inserting a row: rows go in eight to a call (measured: bench/store.ts). */
const ROWS = 8;

/** Rows for one table, inserted in the order they are added; the last of them by `flush`. */
export class Insert {
  private readonly db: DatabaseSyncInstance;
  private readonly into: string;
  private readonly columns: number;
  /** By number of rows, prepared when first needed and kept for life. */
  private readonly statements: StatementSyncInstance[] = [];
  private pending: Value[] = [];

  /** `into`: `INSERT INTO t (a, b)`. */
  constructor(db: DatabaseSyncInstance, into: string, columns: number) {
    this.db = db;
    this.into = into;
    this.columns = columns;
  }

  add(...values: Value[]): void {
    this.pending.push(...values);
    if (this.pending.length === ROWS * this.columns) this.flush();
  }

  flush(): void {
    const values = this.pending;
    if (values.length === 0) return;
    this.pending = [];
    this.statement(values.length / this.columns).run(...values);
  }

  /** Forgets what a failed transaction left. */
  clear(): void {
    this.pending = [];
  }

  private statement(rows: number): StatementSyncInstance {
    const row = `(${Array.from({ length: this.columns }, () => "?").join(", ")})`;
    return (this.statements[rows] ??= this.db.prepare(
      `${this.into} VALUES ${Array.from({ length: rows }, () => row).join(", ")}`,
    ));
  }
}
