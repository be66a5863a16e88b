/**
 * A disk that may lose its power. What was synced is safe. Of what was done since, any part may be there: sectors of
 * 512 bytes are whole or absent, and nothing else is certain, not their order, not a file's size, not its name.
 */
import { dirname } from "node:path";
import type { Random } from "../../../src/std/random.ts";
import { type Change, lossOf } from "./loss.ts";
import type { Step } from "./recording.ts";

/** What a name stands for: the bytes that are safe, and what has been done since. */
class File {
  private bytes: Buffer = Buffer.alloc(0);
  private changes: Change[] = [];
  size = 0;

  change(change: Change): void {
    this.changes.push(change);
    this.size = "data" in change ? Math.max(this.size, change.at + change.data.length) : change.truncated;
  }

  sync(): void {
    if (this.changes.length > 0) this.bytes = changed(this.bytes, this.changes);
    this.changes = [];
  }

  get atRisk(): boolean {
    return this.changes.length > 0;
  }

  /** The bytes with some of the changes; where there are any the size too is one that it may have had. */
  cut(kept: (changes: readonly Change[]) => readonly Change[], random: Random): Buffer {
    if (!this.atRisk) return this.bytes;
    const bytes = changed(this.bytes, kept(this.changes));
    const dice = random();
    if (dice < 0.15) return bytes.subarray(0, Math.max(this.bytes.length, Math.floor(random() * bytes.length)));
    if (dice > 0.3 || bytes.length >= this.size) return bytes;
    const unwritten = Buffer.alloc(this.size - bytes.length, random() < 0.5 ? 0 : Math.floor(random() * 256));
    return Buffer.concat([bytes, unwritten]);
  }
}

function changed(bytes: Buffer, changes: readonly Change[]): Buffer {
  const ends = changes.map((change) => ("data" in change ? change.at + change.data.length : change.truncated));
  const room = Buffer.alloc(Math.max(bytes.length, ...ends));
  bytes.copy(room);
  let size = bytes.length;
  for (const change of changes) {
    if ("data" in change) {
      change.data.copy(room, change.at);
      size = Math.max(size, change.at + change.data.length);
    } else {
      if (change.truncated < size) room.fill(0, change.truncated, size);
      size = change.truncated;
    }
  }
  return room.subarray(0, size);
}

/** `undefined` for a folder. */
type Names = Map<string, File | undefined>;
type Renaming = { readonly path: string } & ({ readonly now: File | undefined } | { readonly gone: true });

export class Image {
  /** As programs see them, and as they are safe. */
  private readonly names: Names = new Map();
  private readonly safeNames: Names = new Map();
  private renamings: Renaming[] = [];

  apply(step: Step): void {
    switch (step.call) {
      case "open":
        if (!this.names.has(step.path)) this.rename({ path: step.path, now: new File() });
        else if (step.truncates) this.file(step.path).change({ truncated: 0 });
        return;
      case "write":
        return this.file(step.path).change(step);
      case "append":
        return this.file(step.path).change({ at: this.file(step.path).size, data: step.data });
      case "truncate":
        return this.file(step.path).change({ truncated: step.size });
      case "sync":
        return this.sync(step.path);
      case "mkdir":
        return this.rename({ path: step.path, now: undefined });
      case "unlink":
        return this.rename({ path: step.path, gone: true });
      case "rename":
        this.rename({ path: step.to, now: this.file(step.path) });
        return this.rename({ path: step.path, gone: true });
      case "note":
        return;
    }
  }

  /** Whether a cut could take something of a file. */
  atRisk(path: string): boolean {
    return this.names.get(path)?.atRisk ?? false;
  }

  /** The files after a cut here. */
  cut(random: Random): ReadonlyMap<string, Buffer> {
    const loss = lossOf(random);
    const names: Names = new Map(this.safeNames);
    for (const renaming of this.renamings) if (loss.keepsName()) carryOut(names, renaming);
    const files = new Map<string, Buffer>();
    for (const [path, file] of names)
      if (file && isReachable(path, names)) files.set(path, file.cut(loss.kept, random));
    return files;
  }

  private file(path: string): File {
    const file = this.names.get(path);
    if (!file) throw new Error(`${path} was used before it was made`);
    return file;
  }

  private rename(renaming: Renaming): void {
    carryOut(this.names, renaming);
    this.renamings.push(renaming);
  }

  private sync(path: string): void {
    const file = this.names.get(path);
    if (file) return file.sync();
    const [here, elsewhere] = [this.renamings.filter(isIn(path)), this.renamings.filter((one) => !isIn(path)(one))];
    for (const renaming of here) carryOut(this.safeNames, renaming);
    this.renamings = elsewhere;
  }
}

const isIn =
  (folder: string) =>
  ({ path }: Renaming): boolean =>
    dirname(path) === (folder === "" ? "." : folder);

function carryOut(names: Names, renaming: Renaming): void {
  if ("gone" in renaming) names.delete(renaming.path);
  else names.set(renaming.path, renaming.now);
}

function isReachable(path: string, names: Names): boolean {
  const folder = dirname(path);
  return folder === "." || (names.has(folder) && isReachable(folder, names));
}
