/** What a process prints, kept within bounds while it streams. */
import { StringDecoder } from "node:string_decoder";

/** Keeps bytes until they are more than `limit`; then it keeps nothing and says so. */
export class CappedOutput {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the limit is passed. */
  add(chunk: Buffer): boolean {
    this.#size += chunk.length;
    if (this.#size <= this.#limit) this.#chunks.push(chunk);
    else this.#chunks = [];
    return this.#size <= this.#limit;
  }

  get overflow(): boolean {
    return this.#size > this.#limit;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Longer lines lose their end. */
export const LINE_CHARACTERS = 16 * 1024;

/** Splits into lines, of which it passes on the first `limit` bytes' worth, and keeps the last characters of all. */
export class LineOutput {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onLine: (line: string) => void;
  #budget: number;
  #line = "";
  #tail = "";

  constructor(limit: number, onLine: (line: string) => void) {
    this.#budget = limit;
    this.#onLine = onLine;
  }

  /** False once the limit is passed. */
  add(chunk: Buffer): boolean {
    const text = this.#decoder.write(chunk);
    this.#tail = (this.#tail + text).slice(-LINE_CHARACTERS);
    if (this.#budget <= 0) return false;
    this.#budget -= chunk.length;
    const lines = text.split("\n");
    lines[0] = this.#line + (lines[0] ?? "");
    this.#line = (lines.pop() ?? "").slice(0, LINE_CHARACTERS);
    for (const line of lines) this.#pass(line);
    if (this.#budget <= 0) this.#onLine("… more was printed; it is not kept");
    return this.#budget > 0;
  }

  /** The last part of everything, once nothing more comes. */
  end(): string {
    if (this.#budget > 0 && this.#line !== "") this.#pass(this.#line);
    return this.#tail;
  }

  #pass(line: string): void {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text !== "") this.#onLine(text.slice(0, LINE_CHARACTERS));
  }
}
