/** Lines that come one after the other: readable ones, or NDJSON, where the last is of type "result". */
import { iso } from "../../facets/view.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../context.ts";

export interface StreamOptions {
  readonly output: "text" | "ndjson";
  readonly follow?: boolean;
}

/** What every line of NDJSON begins with. */
export interface LineHead {
  readonly type: string;
  readonly seq: number;
  readonly time: string;
}

export class Stream {
  readonly #context: Context;
  readonly ndjson: boolean;
  #seq = 0;

  constructor(context: Context, { output }: StreamOptions) {
    this.#context = context;
    this.ndjson = output === "ndjson";
  }

  /** `text` is asked for only where it is shown. */
  line(head: LineHead, rest: object, text: () => string): void {
    this.#seq = head.seq;
    if (this.ndjson) this.#context.print(`${jsonText({ ...head, ...rest }, false)}\n`);
    else this.#context.print(`${text()}\n`);
  }

  /** The last line. Where lines are for reading there is none. */
  result(rest: object): void {
    if (!this.ndjson) return;
    const head: LineHead = { type: "result", seq: this.#seq, time: iso(this.#context.clock.now()) };
    this.#context.print(`${jsonText({ ...head, ...rest }, false)}\n`);
  }
}
