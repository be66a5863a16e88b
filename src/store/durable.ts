/** The store the engine sees, over any adapter's rows. */
import { INLINE_BYTES } from "../run/ref.ts";
import type { Ref } from "../run/ref.ts";
import type { Run } from "../run/state.ts";
import { Commits } from "./commits.ts";
import type { RunCommit, Store } from "./port.ts";
import { DurableReader, sha256 } from "./reader.ts";
import type { RowStore, StoredRun } from "./rows.ts";

export class DurableStore extends DurableReader implements Store {
  private readonly writable: RowStore;
  private readonly commits: Commits;

  constructor(rows: RowStore) {
    super(rows);
    this.writable = rows;
    this.commits = new Commits(rows, this.pins);
  }

  async commit(commits: readonly RunCommit[]): Promise<void> {
    this.live();
    await this.commits.write(commits);
  }

  async putBlob(json: string): Promise<Ref> {
    this.live();
    const size = Buffer.byteLength(json);
    if (size <= INLINE_BYTES) return { json };
    const hash = sha256(json);
    await this.writable.putBlob(hash, size, json);
    return { hash, size };
  }

  protected override opened(stored: StoredRun, run: Run): void {
    this.commits.opened(stored, run);
  }

  protected override settled(): Promise<void> {
    return this.commits.settled();
  }
}
