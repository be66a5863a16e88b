/** Bytes of a socket as lines, none of them longer than it may be. */

const NEWLINE = 10;

class LineTooLong extends Error {}

export class Lines {
  private readonly limitOf: (head: Buffer) => number;
  private readonly shortest: number;
  private parts: Buffer[] = [];
  private length = 0;

  /** `limitOf` is asked, with what there is of a line, once it is longer than `shortest`. */
  constructor(shortest: number, limitOf: (head: Buffer) => number) {
    this.shortest = shortest;
    this.limitOf = limitOf;
  }

  /** The lines that are complete now. Throws LineTooLong. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      this.add(rest.subarray(0, end));
      lines.push((this.parts.length === 1 ? (this.parts[0] as Buffer) : Buffer.concat(this.parts)).toString("utf8"));
      this.parts = [];
      this.length = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.add(rest);
    return lines;
  }

  private add(part: Buffer): void {
    this.parts.push(part);
    this.length += part.length;
    if (this.length <= this.shortest) return;
    if (this.length - part.length <= this.shortest) this.parts = [Buffer.concat(this.parts)];
    if (this.length > this.limitOf(this.parts[0] as Buffer)) throw new LineTooLong();
  }
}
