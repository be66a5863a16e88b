/** Control of an owner in another process. When that one is gone, everything still asked for is CLOSED: ask the next. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { TuttiEvent } from "../../facets/event.ts";
import type { RunInfo, RunLine } from "../../facets/view.ts";
import { TuttiError } from "../../errors.ts";
import type { Progress } from "../../run/progress.ts";
import type { Clock } from "../../std/clock.ts";
import type { LogLine } from "../../task/log.ts";
import type { Control } from "./control.ts";
import { Lines } from "./lines.ts";
import { heard, VERSION, WINDOW } from "./protocol.ts";
import type { Said } from "./protocol.ts";
import type { Ask } from "./request.ts";

/** How long an owner that listens may take to say who it is. A stopped process listens and never does. */
const HELLO_MS = 5_000;
/** The longest text Node can hold, and more than any answer. */
const ANSWER_BYTES = 512 * 1024 * 1024;
const GRANT = WINDOW / 2;

type Listener = (said: Said | undefined) => void;

export class ControlClient implements Control, AsyncDisposable {
  /** Of the owner. */
  readonly pid: number;
  private readonly socket: Socket;
  private readonly listeners = new Map<number, Listener>();
  private lastId = 0;
  private over = false;
  /** Why the owner would not hear us. */
  private refusal: Error | undefined;

  private constructor(socket: Socket, pid: number) {
    this.socket = socket;
    this.pid = pid;
    socket.on("close", () => this.gone());
  }

  /** `undefined`: nobody there who speaks as we do. */
  static connect(path: string, clock: Clock): Promise<ControlClient | undefined> {
    return new Promise((resolve) => {
      const socket = connect(path);
      const lines = new Lines(ANSWER_BYTES, () => ANSWER_BYTES);
      const disarm = clock.after(HELLO_MS, () => socket.destroy());
      let client: ControlClient | undefined;
      const hello = ({ tutti, version, pid }: Said): void => {
        disarm();
        if (tutti !== "control" || version !== VERSION || pid === undefined) return void socket.destroy();
        client = new ControlClient(socket, pid);
        resolve(client);
      };
      socket.on("data", (chunk: Buffer) => {
        try {
          for (const line of lines.push(chunk)) {
            const said = JSON.parse(line) as Said;
            if (client) client.hear(said);
            else hello(said);
          }
        } catch {
          socket.destroy();
        }
      });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        disarm();
        resolve(undefined);
      });
    });
  }

  start: Control["start"] = async (file, input, options) => {
    const { definition, file: name, folder } = file;
    await this.ask({ verb: "start", file: { definition, file: name, folder }, input, options });
  };

  post: Control["post"] = async (run, command, reason) => {
    await this.ask({ verb: "post", run, command, ...(reason !== undefined && { reason }) });
  };

  async get(run: string): Promise<RunInfo | undefined> {
    return ((await this.ask({ verb: "get", run })) as RunInfo | null) ?? undefined;
  }

  list: Control["list"] = async (filter) => {
    const page = (await this.ask({ verb: "list", filter })) as { items: readonly RunLine[]; nextCursor?: string };
    return { items: page.items, nextCursor: page.nextCursor };
  };

  async logs(run: string, path?: string): Promise<readonly LogLine[]> {
    return (await this.ask({ verb: "logs", run, ...(path !== undefined && { path }) })) as readonly LogLine[];
  }

  events(run: string, fromSeq: number, signal: AbortSignal): AsyncIterable<TuttiEvent> {
    return this.stream<TuttiEvent>({ verb: "events", run, fromSeq }, signal);
  }

  progress(run: string, signal: AbortSignal): AsyncIterable<Progress> {
    return this.stream<Progress>({ verb: "progress", run }, signal);
  }

  /** Hangs up. Nothing of what was asked for is taken back by it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    this.gone();
  }

  private hear(said: Said): void {
    if (said.id !== undefined) return this.listeners.get(said.id)?.(said);
    if (said.error) this.refusal = heard(said.error);
    this.socket.destroy();
  }

  private gone(): void {
    this.over = true;
    for (const listener of this.listeners.values()) listener(undefined);
    this.listeners.clear();
  }

  private closed(): Error {
    return this.refusal ?? new TuttiError("CLOSED", { what: `owner of the store (pid ${this.pid})` });
  }

  private send(ask: Ask, listener?: Listener): number {
    const id = ++this.lastId;
    if (listener) this.listeners.set(id, listener);
    const { verb, ...rest } = ask;
    // In this order: an owner tells a long request by how it begins.
    this.socket.write(`${JSON.stringify({ id, verb, ...rest })}\n`);
    return id;
  }

  private ask(ask: Ask): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.over) return reject(this.closed());
      const id = this.send(ask, (said) => {
        this.listeners.delete(id);
        if (!said) reject(this.closed());
        else if (said.error) reject(heard(said.error));
        else resolve(said.ok);
      });
    });
  }

  private async *stream<T>(ask: Ask, signal: AbortSignal): AsyncIterable<T> {
    if (this.over) throw this.closed();
    const inbox: (Said | undefined)[] = [];
    let wake = (): void => undefined;
    const stop = (): void => wake();
    const id = this.send(ask, (said) => {
      inbox.push(said);
      wake();
    });
    signal.addEventListener("abort", stop);
    try {
      for (let taken = 1; !signal.aborted;) {
        if (inbox.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        else {
          const said = inbox.shift();
          if (!said) throw this.closed();
          if (said.error) throw heard(said.error);
          if (said.done) return;
          if (taken++ % GRANT === 0) this.send({ verb: "more", stream: id, count: GRANT });
          yield said.item as T;
        }
      }
    } finally {
      signal.removeEventListener("abort", stop);
      if (this.listeners.delete(id) && !this.over) this.send({ verb: "end", stream: id });
    }
  }
}
