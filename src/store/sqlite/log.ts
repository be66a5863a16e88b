/**
 * Whether the log is whole, as far as it can tell. SQLite takes the first frame that does not add up for its end, which
 * is right after a power cut within a commit; then what is lost was promised to nobody. No commit begins before the one
 * before it is synced, so such a cut leaves one commit at most behind that frame. Two in a row were promised.
 */
import { readBytes } from "../../host/files.ts";

const HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682;

/** What is wrong with the log of `store`, which nobody may be writing. */
export function damageInLog(path: string): string | undefined {
  const bytes = readBytes(path);
  if (!bytes || bytes.length <= HEADER) return undefined;
  const log = new Log(bytes);
  if (!log.isHeaded) return "the header of its log is damaged";
  const whole = log.wholeFrames();
  return log.promisedAfter(whole) ? `frame ${whole + 1} of its log is damaged` : undefined;
}

class Log {
  private readonly bytes: DataView;
  /** The order of the bytes in a word, as sums are made. */
  private readonly littleEndian: boolean;
  private readonly frameSize: number;
  private readonly count: number;

  constructor(bytes: Uint8Array) {
    this.bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.littleEndian = this.word(0) === MAGIC;
    this.frameSize = FRAME_HEADER + (this.word(8) || 65_536);
    this.count = Math.floor((bytes.length - HEADER) / this.frameSize);
  }

  get isHeaded(): boolean {
    const isKnown = this.littleEndian || this.word(0) === MAGIC + 1;
    return isKnown && sameSum(this.sum([0, 0], 0, 24), this.storedSum(24));
  }

  /** Frames from the first on that add up: what SQLite reads. */
  wholeFrames(): number {
    let frame = 0;
    let before = this.storedSum(24);
    while (frame < this.count && this.follows(frame, before)) before = this.sumOf(frame++);
    return frame;
  }

  /** Whether two commits in a row lie behind that frame. */
  promisedAfter(frame: number): boolean {
    let commits = 0;
    for (let next = frame + 1; next < this.count; next++) {
      // The damage may be in what this frame holds; what it says of itself is what the next one was made with.
      if (this.isCurrent(next - 1) && this.follows(next, this.sumOf(next - 1))) {
        commits ||= Number(this.isCommit(next - 1));
        commits += Number(this.isCommit(next));
        if (commits > 1) return true;
      } else commits = 0;
    }
    return false;
  }

  private follows(frame: number, before: Sum): boolean {
    if (!this.isCurrent(frame)) return false;
    const at = this.at(frame);
    const sum = this.sum(this.sum(before, at, at + 8), at + FRAME_HEADER, at + this.frameSize);
    return sameSum(sum, this.sumOf(frame));
  }

  /** Of the log as it is, and not of what lay here before it began anew. */
  private isCurrent(frame: number): boolean {
    const at = this.at(frame);
    return this.word(at + 8) === this.word(16) && this.word(at + 12) === this.word(20);
  }

  private isCommit(frame: number): boolean {
    return this.word(this.at(frame) + 4) !== 0;
  }

  private sumOf(frame: number): Sum {
    return this.storedSum(this.at(frame) + 16);
  }

  private storedSum(at: number): Sum {
    return [this.word(at), this.word(at + 4)];
  }

  private sum([first, second]: Sum, from: number, to: number): Sum {
    for (let at = from; at < to; at += 8) {
      first = (first + this.bytes.getUint32(at, this.littleEndian) + second) >>> 0;
      second = (second + this.bytes.getUint32(at + 4, this.littleEndian) + first) >>> 0;
    }
    return [first, second];
  }

  private at(frame: number): number {
    return HEADER + frame * this.frameSize;
  }

  private word(at: number): number {
    return this.bytes.getUint32(at);
  }
}

type Sum = readonly [number, number];

function sameSum(a: Sum, b: Sum): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
