/** Rows in memory: what the simulator crashes and opens again. Gone with the process. */
import { invariant } from "../../std/invariant.ts";
import type {
  EventRow,
  InstanceRow,
  LoadedRun,
  LogRow,
  Position,
  RowStore,
  RunColumns,
  RunQuery,
  RunRow,
  RunWrite,
  StoredRun,
} from "../rows.ts";

interface Rows {
  row: RunRow;
  position: Position;
  readonly events: EventRow[];
  readonly instances: Map<number, InstanceRow>;
  readonly logs: LogRow[];
}

export class MemoryRows implements RowStore {
  readonly id: string;
  readonly name = "(memory)";
  lastRun = 0;
  /**
   * Called before each run's part of a write, with its number in the batch; when it throws, the parts before it are
   * kept and the others are not: a crash between any two aggregates.
   */
  beforeAggregate: ((index: number) => void) | undefined;
  /** By number, which grows: oldest first. */
  private readonly runsByNumber = new Map<number, Rows>();
  private readonly runsById = new Map<string, Rows>();
  private readonly open = new Set<Rows>();
  private readonly definitions = new Map<string, string>();
  private readonly blobs = new Map<string, string>();

  constructor(id = "store_memory") {
    this.id = id;
  }

  /** The same rows, apart from these: what is written to one is not in the other. */
  clone(): MemoryRows {
    const copy = new MemoryRows(this.id);
    for (const rows of this.runsByNumber.values()) {
      const { row, position, events, instances, logs } = rows;
      copy.keep({ row, position, events: [...events], instances: new Map(instances), logs: [...logs] });
    }
    for (const [hash, body] of this.definitions) copy.definitions.set(hash, body);
    for (const [hash, body] of this.blobs) copy.blobs.set(hash, body);
    return copy;
  }

  async write(writes: readonly RunWrite[]): Promise<void> {
    for (let index = 0; index < writes.length; index++) {
      this.beforeAggregate?.(index);
      this.writeRun(writes[index] as RunWrite);
    }
  }

  async find(id: string): Promise<StoredRun | undefined> {
    const rows = this.runsById.get(id);
    return rows && { row: rows.row, position: rows.position };
  }

  async load(id: string): Promise<LoadedRun | undefined> {
    const rows = this.runsById.get(id);
    if (!rows) return undefined;
    const { row, position, events, instances } = rows;
    return { row, position, instances: [...instances.values()], tail: events.slice(Math.max(0, position.seq - 2)) };
  }

  async openRuns(): Promise<readonly string[]> {
    return [...this.open].sort((a, b) => a.row.run - b.row.run).map(({ row }) => row.id);
  }

  async runs({ status, workflow, tag, before, limit }: RunQuery): Promise<readonly RunColumns[]> {
    const matches = ({ row }: Rows): boolean =>
      row.run < before &&
      (status === undefined || status.includes(row.status)) &&
      (workflow === undefined || row.workflow === workflow) &&
      (tag === undefined || (JSON.parse(row.tags) as string[]).includes(tag));
    const found = [...this.runsByNumber.values()].filter(matches).map(({ row }) => row);
    return found.sort((a, b) => b.run - a.run).slice(0, limit);
  }

  async events(run: number, afterSeq: number, limit: number): Promise<readonly EventRow[]> {
    return this.runsByNumber.get(run)?.events.slice(afterSeq, afterSeq + limit) ?? [];
  }

  async logs(run: number, path: string | undefined, limit: number): Promise<readonly string[]> {
    const logs = this.runsByNumber.get(run)?.logs ?? [];
    const lines = path === undefined ? logs : logs.filter((line) => line.path === path);
    return lines.slice(-limit).map(({ body }) => body);
  }

  async definition(hash: string): Promise<string | undefined> {
    return this.definitions.get(hash);
  }

  async putBlob(hash: string, _size: number, body: string): Promise<void> {
    this.blobs.set(hash, body);
  }

  async blob(hash: string): Promise<string | undefined> {
    return this.blobs.get(hash);
  }

  /** Another store may still be open over these rows. */
  async close(): Promise<void> {}

  /** Checked whole before anything of it is kept. */
  private writeRun({ run, events, row, definition, instances, logs }: RunWrite): void {
    const rows = this.runsByNumber.get(run) ?? this.newRun(row);
    let { seq } = rows.position;
    for (const event of events)
      invariant(event.seq === ++seq, `event ${event.seq} of ${rows.row.id} comes out of turn`);
    for (const event of events) rows.events.push(event);
    const end = events.at(-1);
    if (end) rows.position = { seq: end.seq, crc: end.crc };
    if (row) rows.row = row;
    if (definition) this.definitions.set(definition.hash, definition.body);
    for (const instance of instances) rows.instances.set(instance.index, instance);
    for (const line of logs) rows.logs.push(line);
    this.keep(rows);
  }

  private newRun(row: RunRow | undefined): Rows {
    invariant(row && !this.runsById.has(row.id), `run ${row?.id ?? "without a row"} is there already`);
    return { row, position: { seq: 0, crc: 0 }, events: [], instances: new Map(), logs: [] };
  }

  private keep(rows: Rows): void {
    const { run, id, endedAt } = rows.row;
    this.runsByNumber.set(run, rows);
    this.runsById.set(id, rows);
    this.lastRun = Math.max(this.lastRun, run);
    if (endedAt === null) this.open.add(rows);
    else this.open.delete(rows);
  }
}
