import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import { MAX_INSTANCES } from "../rows.ts";
import type {
  EventRow,
  InstanceRow,
  LoadedRun,
  Position,
  RowReader,
  RunColumns,
  RunQuery,
  RunRow,
  StoredRun,
} from "../rows.ts";
import { usable } from "./failure.ts";

const COLUMNS = `run, id, workflow, version, hash, status, priority, tags,
  created_at AS createdAt, started_at AS startedAt, ended_at AS endedAt`;

/** The reading verbs: every statement is prepared once. */
export class SqliteReader implements RowReader {
  readonly id: string;
  readonly name: string;
  /** Kept for life: statements do not keep their database alive, and a collected one takes the process with it. */
  protected readonly db: DatabaseSyncInstance;
  private readonly begin: StatementSyncInstance;
  private readonly end: StatementSyncInstance;
  private readonly findRun: StatementSyncInstance;
  private readonly openIds: StatementSyncInstance;
  private readonly eventsAfter: StatementSyncInstance;
  private readonly instancesOf: StatementSyncInstance;
  private readonly logsOf: StatementSyncInstance;
  private readonly logsOfPath: StatementSyncInstance;
  private readonly findDefinition: StatementSyncInstance;
  private readonly findBlob: StatementSyncInstance;
  /** By their text: one per combination of filters. */
  private readonly pages = new Map<string, StatementSyncInstance>();

  constructor(db: DatabaseSyncInstance, id: string, name: string) {
    this.id = id;
    this.db = db;
    this.name = name;
    this.begin = db.prepare("BEGIN");
    this.end = db.prepare("ROLLBACK");
    this.findRun = db.prepare(
      `SELECT ${COLUMNS}, head, coalesce(seq, 0) AS seq, coalesce(crc, 0) AS crc
       FROM runs LEFT JOIN positions USING (run) WHERE id = ?`,
    );
    this.openIds = db.prepare("SELECT id FROM runs WHERE ended_at IS NULL ORDER BY run");
    this.eventsAfter = db.prepare("SELECT seq, body, crc FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?");
    this.instancesOf = db.prepare("SELECT id - ?1 AS [index], body FROM instances WHERE id >= ?1 AND id < ?2");
    this.logsOf = db.prepare("SELECT body FROM logs WHERE run = ? ORDER BY id DESC LIMIT ?");
    this.logsOfPath = db.prepare("SELECT body FROM logs WHERE run = ? AND path = ? ORDER BY id DESC LIMIT ?");
    this.findDefinition = db.prepare("SELECT body FROM definitions WHERE hash = ?");
    this.findBlob = db.prepare("SELECT body FROM blobs WHERE hash = ?");
  }

  async find(id: string): Promise<StoredRun | undefined> {
    return usable(this.name, () => this.stored(id));
  }

  async load(id: string): Promise<LoadedRun | undefined> {
    return usable(this.name, () =>
      this.moment(() => {
        const found = this.stored(id);
        if (!found) return undefined;
        const { run } = found.row;
        const first = run * MAX_INSTANCES;
        return {
          ...found,
          instances: this.instancesOf.all(first, first + MAX_INSTANCES) as InstanceRow[],
          tail: this.eventsAfter.all(run, found.position.seq - 2, 3) as EventRow[],
        };
      }),
    );
  }

  async openRuns(): Promise<readonly string[]> {
    return usable(this.name, () => (this.openIds.all() as { id: string }[]).map(({ id }) => id));
  }

  /** Newest first. Each status is asked for by itself: that is the order of the index. */
  async runs({ status, ...query }: RunQuery): Promise<readonly RunColumns[]> {
    return usable(this.name, () => {
      if (status === undefined) return this.page(undefined, query);
      const found = [...new Set(status)].flatMap((one) => this.page(one, query));
      return found.sort((a, b) => b.run - a.run).slice(0, query.limit);
    });
  }

  async events(run: number, afterSeq: number, limit: number): Promise<readonly EventRow[]> {
    return usable(this.name, () => this.eventsAfter.all(run, afterSeq, limit) as EventRow[]);
  }

  async logs(run: number, path: string | undefined, limit: number): Promise<readonly string[]> {
    return usable(this.name, () => {
      const rows = path === undefined ? this.logsOf.all(run, limit) : this.logsOfPath.all(run, path, limit);
      return (rows as { body: string }[]).map(({ body }) => body).reverse();
    });
  }

  async definition(hash: string): Promise<string | undefined> {
    return usable(this.name, () => bodyOf(this.findDefinition.get(hash)));
  }

  async blob(hash: string): Promise<string | undefined> {
    return usable(this.name, () => bodyOf(this.findBlob.get(hash)));
  }

  async close(): Promise<void> {
    this.db.close();
  }

  /** What several statements read together is of one moment, also while another process writes. */
  private moment<T>(read: () => T): T {
    this.begin.run();
    try {
      return read();
    } finally {
      if (this.db.isTransaction) this.end.run();
    }
  }

  private stored(id: string): StoredRun | undefined {
    const found = this.findRun.get(id) as (RunRow & Position) | undefined;
    // A text given to the driver ends at its first NUL: such an id finds another's row.
    if (found?.id !== id) return undefined;
    const { seq, crc, ...row } = found;
    return { row, position: { seq, crc } };
  }

  private page(status: string | undefined, query: Omit<RunQuery, "status">): RunColumns[] {
    const { workflow, tag, before } = query;
    // With a tag its index gives the order, otherwise that of the runs: a page never reads more than it must.
    const from = tag === undefined ? "runs" : "run_tags CROSS JOIN runs USING (run)";
    const key = tag === undefined ? "run" : "run_tags.run";
    const where = [`${key} < ?`];
    const values: (string | number)[] = [before];
    const filter = (column: string, value: string | undefined): void => {
      if (value === undefined) return;
      where.push(`${column} = ?`);
      values.push(value);
    };
    filter("tag", tag === undefined ? undefined : JSON.stringify(tag));
    filter("status", status);
    filter("workflow", workflow);
    const text = `SELECT ${COLUMNS} FROM ${from} WHERE ${where.join(" AND ")} ORDER BY ${key} DESC LIMIT ?`;
    let statement = this.pages.get(text);
    if (!statement) this.pages.set(text, (statement = this.db.prepare(text)));
    return statement.all(...values, query.limit) as RunColumns[];
  }
}

function bodyOf(row: unknown): string | undefined {
  return (row as { body: string } | undefined)?.body;
}
