/**
 * Progress on stderr. At a terminal a block that is redrawn, at most ten times a second, with what has ended scrolling
 * away above it; elsewhere one plain line per change, and one every 30 s when there was none, so that nobody has to
 * wonder whether anything still happens.
 */
import type { TuttiEvent } from "../../facets/event.ts";
import type { Sink } from "../../host/terminal.ts";
import type { Progress } from "../../run/progress.ts";
import type { Clock, Disarm } from "../../std/clock.ts";
import { iso } from "../../facets/view.ts";
import type { Change } from "./board.ts";
import { Board } from "./board.ts";
import type { Look } from "./look.ts";
import { fit, visible } from "./text.ts";

const FRAME_MS = 100;
const HEARTBEAT_MS = 30_000;
const UP_AND_CLEAR = (lines: number): string => (lines === 0 ? "" : `\u001b[${lines}A\r\u001b[J`);

const RUN_ENDED: ReadonlySet<TuttiEvent["type"]> = new Set(["run.completed", "run.failed", "run.cancelled"]);

export interface DisplayOptions {
  readonly sink: Sink;
  readonly look: Look;
  readonly clock: Clock;
  readonly mode: "live" | "lines" | "none";
  /** Whoever waits says how the run ended: the block leaves that out. */
  readonly concludes: boolean;
}

export class Display {
  readonly #options: DisplayOptions;
  readonly #board = new Board();
  /** What happened before somebody looked is known, and not told as news. */
  readonly #since: number;
  #drawn = 0;
  #beat = 0;
  #waiting: string[] = [];
  #frame: Disarm | undefined;
  #heartbeat: Disarm | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#since = options.clock.now();
    if (options.mode === "lines") this.#beatLater();
  }

  event(event: TuttiEvent): void {
    const change = this.#board.event(event);
    if (!change || Date.parse(change.at) < this.#since) return;
    if (this.#options.mode === "lines") this.#line(plain(change));
    else if (change.ended || (event.path === undefined && !this.#isConcluded(event))) this.#say(this.#scrolled(change));
    this.#drawSoon();
  }

  progress(runId: string, progress: Progress): void {
    this.#board.progress(runId, progress);
    this.#drawSoon();
  }

  /** One line of our own, above the block. */
  note(text: string): void {
    if (this.#options.mode === "none") return;
    if (this.#options.mode === "lines") this.#line(`${iso(this.#options.clock.now())}  ${text}`);
    else this.#say(text);
    this.#drawSoon();
  }

  /** What code of users printed: at once, for it may be the last thing this process says. */
  print(text: string): void {
    const { sink, mode } = this.#options;
    const whole = mode !== "live" || text.endsWith("\n") ? text : `${text}\n`;
    sink.write(`${this.#cleared()}${whole}`);
    this.#drawSoon();
  }

  /** Takes the block away; nothing is shown from here on. */
  close(): void {
    this.#frame?.();
    this.#heartbeat?.();
    if (this.#options.mode === "live") {
      this.#options.sink.write(this.#cleared());
    }
  }

  /** What takes the block away and puts what was to stand above it there. */
  #cleared(): string {
    const text = `${UP_AND_CLEAR(this.#drawn)}${this.#waiting.join("")}`;
    this.#drawn = 0;
    this.#waiting = [];
    return text;
  }

  #isConcluded({ type }: TuttiEvent): boolean {
    return this.#options.concludes && (type === "run.started" || RUN_ENDED.has(type));
  }

  #say(line: string): void {
    this.#waiting.push(`${line}\n`);
  }

  #line(line: string): void {
    this.#options.sink.write(`${line}\n`);
    this.#beatLater();
  }

  #beatLater(): void {
    this.#heartbeat?.();
    const { clock } = this.#options;
    this.#heartbeat = clock.after(HEARTBEAT_MS, () => {
      const summary = this.#board.summary(clock.now());
      this.#line(`${iso(clock.now())}  ${summary === "" ? "nothing has changed for 30 s" : summary}`);
    });
  }

  #drawSoon(): void {
    if (this.#options.mode === "live") this.#frame ??= this.#options.clock.after(FRAME_MS, () => this.#draw());
  }

  #draw(): void {
    const { sink, look, clock } = this.#options;
    this.#frame = undefined;
    const block = this.#board.block(sink, clock.now(), look, this.#beat++);
    sink.write(`${this.#cleared()}${block.map((line) => `${line}\n`).join("")}`);
    this.#drawn = block.length;
    // Elapsed times and the spinner move by themselves.
    if (block.length > 0) this.#drawSoon();
  }

  #scrolled({ what, state, detail }: Change): string {
    const { look, sink } = this.#options;
    const name = visible(what);
    const room = sink.columns - 1 - name.length - state.length - 6;
    const rest = detail === "" ? "" : `  ${look.dim(fit(visible(detail), Math.max(0, room), look.cut))}`;
    return `${look.state(state)}  ${name}${rest}`;
  }
}

function plain({ at, what, state, detail }: Change): string {
  const rest = detail === "" ? "" : ` (${visible(detail)})`;
  return `${at}  ${visible(what)} ${state}${rest}`;
}
