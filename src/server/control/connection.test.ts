/** One client at its worst, against one connection over a real socket pair. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TuttiEvent } from "../../facets/event.ts";
import { systemClock } from "../../std/clock.ts";
import type { Clock } from "../../std/clock.ts";
import { simulatedClock } from "../../testing/clock.ts";
import { Connection } from "./connection.ts";
import type { Control } from "./control.ts";
import { ControlClient } from "./client.ts";
import type { Said } from "./protocol.ts";

let folder: string;
let path: string;
let server: Server;
let clock: Clock;
let control: Control;
const connections: Connection[] = [];
const clients: Socket[] = [];

/** What the control was asked, and the streams it gives. */
let asked: string[];
let streams: { signal: AbortSignal; given: number }[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tutti-connection-"));
  path = join(folder, "socket");
  clock = systemClock;
  [asked, streams] = [[], []];
  control = scripted();
  server = createServer((socket) =>
    connections.push(new Connection(socket, { control: Promise.resolve(control), clock })),
  );
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  connections.length = 0;
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Events without end; everything else answers what it was asked. */
function scripted(): Control {
  const answer = async (what: string): Promise<never> => {
    asked.push(what);
    return what as never;
  };
  const endless = async function* (_run: string, _from: number, signal: AbortSignal): AsyncIterable<TuttiEvent> {
    const stream = { signal, given: 0 };
    streams.push(stream);
    while (!signal.aborted) {
      stream.given++;
      yield { seq: stream.given } as TuttiEvent;
    }
  };
  return {
    start: () => answer("start"),
    post: (run, verb) => answer(`${verb} ${run}`),
    get: (run) => answer(`get ${run}`),
    list: () => answer("list"),
    logs: (run) => answer(`logs ${run}`),
    events: endless,
    progress: () => {
      throw new Error("not here");
    },
  };
}

interface Raw {
  readonly socket: Socket;
  readonly said: Said[];
  /** Resolves when the connection is over. */
  readonly over: Promise<void>;
  write(...lines: string[]): void;
  /** The first that fits, also of what was said before. */
  until(fits: (said: Said) => boolean): Promise<Said>;
}

function raw(): Raw {
  const socket = connect(path);
  clients.push(socket);
  const said: Said[] = [];
  let heard = (): void => undefined;
  createInterface({ input: socket }).on("line", (line) => {
    said.push(JSON.parse(line) as Said);
    heard();
  });
  socket.on("error", () => undefined);
  return {
    socket,
    said,
    over: new Promise((resolve) => socket.on("close", () => resolve())),
    write: (...lines) => void socket.write(lines.map((line) => `${line}\n`).join("")),
    until: (fits) =>
      new Promise((resolve) => {
        heard = () => {
          const found = said.find(fits);
          if (found) resolve(found);
        };
        heard();
      }),
  };
}

const get = (id: number, run = "r"): string => JSON.stringify({ id, verb: "get", run });

describe("what is not a request", () => {
  test.for<[string, string]>([
    ["no JSON", "hello"],
    ["nothing", ""],
    ["no object", "[]"],
    ["no verb", '{"id":1}'],
    ["an unknown verb", '{"id":1,"verb":"gett","run":"r"}'],
    ["a verb of every object", '{"id":1,"verb":"constructor"}'],
    ["no id", '{"verb":"get","run":"r"}'],
    ["an id that is not a number", '{"id":"1","verb":"get","run":"r"}'],
    ["a missing member", '{"id":1,"verb":"get"}'],
    ["one member too many", '{"id":1,"verb":"get","run":"r","path":"p"}'],
    ["a wrong type", '{"id":1,"verb":"get","run":{}}'],
    ["another command", '{"id":1,"verb":"post","run":"r","command":"expire"}'],
    ["no definition", '{"id":1,"verb":"start","file":{"file":"f","folder":"/"},"input":1,"options":{"runId":"r"}}'],
    ["bytes that are no text", "\u0000\ufffd\u0001"],
    ["an id that did not grow", `${get(7)}\n${get(7)}`],
    ["one in long nesting", `{"id":1,"verb":"get","run":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  ])("%s is answered with one error and the end", async ([, line]) => {
    const client = raw();
    client.write(line, get(100, "after"));
    await client.over;
    const errors = client.said.filter(({ error }) => error);
    expect(errors).toMatchObject([{ error: { code: "OPTIONS_INVALID", data: { problems: /./ } } }]);
    expect(client.said.at(-1)).toBe(errors[0]);
    expect(asked).not.toContain("get after");
  });

  test("a line of more than 1 MB is not read to its end, unless it is a start", async () => {
    const client = raw();
    client.socket.write(get(1).slice(0, -2) + "x".repeat(2 * 1024 * 1024));
    await client.over;
    expect(client.said.at(-1)).toMatchObject({ error: { message: /a line of at most 1 MB, for a start 80 MB/ } });
    const starter = raw();
    const file = { definition: {}, file: "f", folder: "/" };
    const text = "x".repeat(2 * 1024 * 1024);
    starter.write(JSON.stringify({ id: 1, verb: "start", file, input: text, options: { runId: "r" } }));
    expect(await starter.until(({ id }) => id === 1)).toEqual({ id: 1, ok: "start" });
  });

  test("its neighbours do not notice", async () => {
    const [good, bad] = [raw(), raw()];
    bad.write("nonsense");
    await bad.over;
    good.write(get(1));
    expect(await good.until(({ id }) => id === 1)).toEqual({ id: 1, ok: "get r" });
  });
});

describe("bounds", () => {
  test("a stream goes no further than it was granted, and further when it is", async () => {
    const client = raw();
    client.write('{"id":1,"verb":"events","run":"r","fromSeq":0}');
    await client.until(({ item }) => (item as TuttiEvent | undefined)?.seq === 64);
    client.write(get(2));
    await client.until(({ id }) => id === 2);
    expect(streams[0]?.given).toBe(65);
    client.write('{"id":3,"verb":"more","stream":1,"count":10}', get(4));
    await client.until(({ item }) => (item as TuttiEvent | undefined)?.seq === 74);
    client.write(get(5));
    await client.until(({ id }) => id === 5);
    expect(streams[0]?.given).toBe(75);
  });

  test("a client that reads on gets everything, in order", async () => {
    const client = await ControlClient.connect(path, systemClock);
    let last = 0;
    for await (const { seq } of client?.events("r", 0, new AbortController().signal) ?? []) {
      expect(seq).toBe(++last);
      if (seq === 1_000) break;
    }
    expect(last).toBe(1_000);
    await client?.[Symbol.asyncDispose]();
  });

  test("a stream that was taken back ends; so do all streams of a client that is gone, and only they", async () => {
    const [client, other] = [raw(), raw()];
    client.write(...[1, 2, 3].map((id) => `{"id":${id},"verb":"events","run":"r","fromSeq":0}`));
    await client.until(({ id }) => id === 3);
    other.write('{"id":1,"verb":"events","run":"r","fromSeq":0}');
    await other.until(({ id }) => id === 1);
    client.write('{"id":4,"verb":"end","stream":2}', get(5));
    await client.until(({ id }) => id === 5);
    expect(streams.map(({ signal }) => signal.aborted)).toEqual([false, true, false, false]);
    const ended = Promise.all(
      [0, 2].map((n) => new Promise((resolve) => streams[n]?.signal.addEventListener("abort", resolve))),
    );
    client.socket.destroy();
    await ended;
    expect(streams[3]?.signal.aborted).toBe(false);
  });

  test("the 257th stream of a client is refused, and one that has ended makes room", async () => {
    const client = raw();
    const open = (id: number): string => `{"id":${id},"verb":"events","run":"r","fromSeq":0}`;
    client.write(...Array.from({ length: 257 }, (_, n) => open(n + 1)));
    expect(await client.until(({ id }) => id === 257)).toMatchObject({ error: { code: "LIMIT_REACHED" } });
    client.write('{"id":258,"verb":"end","stream":1}', get(259));
    await client.until(({ id }) => id === 259);
    client.write(open(260));
    expect(await client.until(({ id }) => id === 260)).toMatchObject({ item: { seq: 1 } });
  });

  test("no more than 32 requests are under way, and the others are answered in their turn", async () => {
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    const { get: quick } = control;
    control = { ...control, get: async (run) => (await held, quick(run)) };
    control.logs = async () => (asked.push("logs"), []);
    const client = raw();
    client.write(...Array.from({ length: 32 }, (_, n) => get(n + 1)), '{"id":33,"verb":"logs","run":"r"}');
    const second = raw();
    second.write('{"id":1,"verb":"list","filter":{}}');
    await second.until(({ id }) => id === 1);
    expect(asked).toEqual(["list"]);
    free();
    await client.until(({ id }) => id === 33);
    expect(client.said).toHaveLength(34);
  });

  test("a client that does not take its answers is dropped after 30 seconds", async () => {
    const time = simulatedClock();
    clock = time;
    const { get: small } = control;
    control = { ...control, get: async (run) => `${await small(run)}${"x".repeat(20_000_000)}` as never };
    const client = connect(path);
    clients.push(client);
    client.on("error", () => undefined);
    client.pause();
    client.write(`${get(1)}\n${get(2)}\n`);
    while (!asked.includes("get r") || time.timers === 0) await new Promise((resolve) => setImmediate(resolve));
    await time.advance(31_000);
    let bytes = 0;
    client.on("data", (chunk: Buffer) => (bytes += chunk.length));
    client.resume();
    await new Promise((resolve) => client.on("close", resolve));
    expect(bytes).toBeLessThan(20_000_000);
  });
});
