/**
 * One client of the owner.
 *
 * Invariants
 *  C1  At most AT_ONCE requests are being answered and STREAMS streams are open; what is beyond stays in the socket.
 *  C2  One line is being written at a time; who does not take it for SLOW_MS is dropped.
 *  C3  A stream is never more than WINDOW items ahead of its reader: its source waits, nothing piles up.
 *  C4  When the client is gone its streams are ended. Nothing else is: what it asked for is the store's business now.
 */
import type { Socket } from "node:net";
import { TuttiError } from "../../errors.ts";
import type { Clock } from "../../std/clock.ts";
import type { Control } from "./control.ts";
import { Lines } from "./lines.ts";
import type { Said } from "./protocol.ts";
import { tell, VERSION, WINDOW } from "./protocol.ts";
import { limitOf, LINE_BYTES, readRequest } from "./request.ts";
import type { Question, Request } from "./request.ts";

const AT_ONCE = 32;
const STREAMS = 256;
const SLOW_MS = 30_000;
const LEAVING_MS = 1_000;

interface Stream {
  readonly controller: AbortController;
  granted: number;
  wake: (() => void) | undefined;
}

export interface ConnectionParts {
  /** Requests wait for it: a client may come while the engine is still opening. */
  readonly control: Promise<Control>;
  readonly clock: Clock;
}

export class Connection {
  private readonly socket: Socket;
  private readonly parts: ConnectionParts;
  private readonly lines = new Lines(LINE_BYTES, limitOf);
  private readonly waiting: string[] = [];
  private readonly answering = new Set<Promise<void>>();
  private readonly streams = new Map<number, Stream>();
  private sending: Promise<void> = Promise.resolve();
  private lastId = 0;
  private over = false;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.socket = socket;
    this.parts = parts;
    socket.on("data", (chunk: Buffer) => this.take(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.end());
    void this.send({ tutti: "control", version: VERSION, pid: process.pid });
  }

  /** Says that the owner leaves, once what was asked before is answered, and hangs up. */
  async leave(): Promise<void> {
    this.end();
    await this.within(LEAVING_MS, Promise.all(this.answering));
    await this.hangUp({ leaving: true });
  }

  /** One error, and no more from this client. */
  async refuse(error: unknown): Promise<void> {
    this.end();
    await this.hangUp({ error: tell(error) });
  }

  private async hangUp(last: Said): Promise<void> {
    const gone = new Promise((resolve) => this.socket.once("close", resolve));
    if (this.socket.destroyed) return;
    void this.send(last).then(() => this.socket.destroySoon());
    await this.within(LEAVING_MS, gone);
    this.socket.destroy();
  }

  private within(ms: number, work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const disarm = this.parts.clock.after(ms, resolve);
      void work.then(() => {
        disarm();
        resolve();
      });
    });
  }

  private end(): void {
    this.over = true;
    this.waiting.length = 0;
    for (const { controller } of this.streams.values()) controller.abort();
  }

  private take(chunk: Buffer): void {
    if (this.over) return;
    try {
      this.waiting.push(...this.lines.push(chunk));
    } catch {
      return void this.refuse(invalid("a line of at most 1 MB, for a start 80 MB"));
    }
    this.pump();
  }

  private pump(): void {
    while (this.answering.size < AT_ONCE) {
      const line = this.waiting.shift();
      if (line === undefined) break;
      this.obey(line);
    }
    if (this.waiting.length > 0) this.socket.pause();
    else this.socket.resume();
  }

  private obey(line: string): void {
    let request: Request;
    try {
      request = readRequest(line);
    } catch (error) {
      const told = error instanceof TuttiError ? error : invalid("what can be read");
      return void this.refuse(told);
    }
    const { id, verb } = request;
    if (id <= this.lastId) return void this.refuse(invalid("ids that grow"));
    this.lastId = id;
    switch (verb) {
      case "more":
        return this.grant(request.stream, request.count);
      case "end":
        return this.streams.get(request.stream)?.controller.abort();
      case "events":
        return this.stream(id, (control, signal) => control.events(request.run, request.fromSeq, signal));
      case "progress":
        return this.stream(id, (control, signal) => control.progress(request.run, signal));
      case "start":
      case "post":
      case "get":
      case "list":
      case "logs": {
        const answered: Promise<void> = this.answer(request).finally(() => {
          this.answering.delete(answered);
          if (!this.over) this.pump();
        });
        this.answering.add(answered);
      }
    }
  }

  private async answer(request: Question): Promise<void> {
    const { id } = request;
    try {
      await this.send({ id, ok: (await ask(await this.parts.control, request)) ?? null });
    } catch (error) {
      await this.send({ id, error: tell(error) });
    }
  }

  private stream(id: number, open: (control: Control, signal: AbortSignal) => AsyncIterable<unknown>): void {
    if (this.streams.size >= STREAMS) {
      const error = new TuttiError("LIMIT_REACHED", { what: "The number of streams", limit: STREAMS });
      return void this.send({ id, error: tell(error) });
    }
    const stream: Stream = { controller: new AbortController(), granted: WINDOW, wake: undefined };
    this.streams.set(id, stream);
    void this.flow(id, stream, open).finally(() => this.streams.delete(id));
  }

  private async flow(
    id: number,
    stream: Stream,
    open: (control: Control, signal: AbortSignal) => AsyncIterable<unknown>,
  ): Promise<void> {
    const { signal } = stream.controller;
    signal.addEventListener("abort", () => stream.wake?.(), { once: true });
    try {
      for await (const item of open(await this.parts.control, signal)) {
        if (stream.granted === 0 && !signal.aborted) await new Promise<void>((resolve) => (stream.wake = resolve));
        if (signal.aborted) return;
        stream.granted--;
        await this.send({ id, item });
      }
      if (!signal.aborted) await this.send({ id, done: true });
    } catch (error) {
      if (!signal.aborted) await this.send({ id, error: tell(error) });
    }
  }

  private grant(id: number, count: number): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    stream.granted = Math.min(WINDOW, stream.granted + count);
    stream.wake?.();
  }

  private send(said: Said): Promise<void> {
    const line = `${JSON.stringify(said)}\n`;
    this.sending = this.sending.then(() => this.write(line));
    return this.sending;
  }

  private write(line: string): Promise<void> {
    const { socket } = this;
    if (!socket.writable) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        disarm();
        socket.off("close", done);
        resolve();
      };
      const disarm = this.parts.clock.after(SLOW_MS, () => socket.destroy());
      socket.once("close", done);
      socket.write(line, done);
    });
  }
}

function ask(control: Control, request: Question): Promise<unknown> {
  switch (request.verb) {
    case "start":
      return control.start(request.file, request.input, request.options);
    case "post":
      return control.post(request.run, request.command, request.reason);
    case "get":
      return control.get(request.run);
    case "list":
      return control.list(request.filter);
    case "logs":
      return control.logs(request.run, request.path);
  }
}

function invalid(expected: string): TuttiError {
  return new TuttiError("OPTIONS_INVALID", { problems: `  expected ${expected}` });
}
