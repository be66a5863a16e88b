/**
 * What a command is run with: its streams, its environment, its signals. Our own output goes through the sinks here;
 * what code of users prints in this process goes to stderr, so that it cannot spoil our data.
 */
import { fstatSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { exitProcess } from "./exit.ts";

export interface Sink {
  readonly isTerminal: boolean;
  /** Of a terminal, else 80. */
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** Resolves when all of it has been passed on, or nobody reads any more; with the error when it cannot be written. */
  flush(): Promise<NodeJS.ErrnoException | undefined>;
  /** Nobody reads any more, or it cannot be written. */
  readonly closed: boolean;
}

export type StopSignal = "SIGINT" | "SIGTERM";

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: { read(limit: number): Promise<Uint8Array | undefined> };
  /** From the first call on these signals no longer end the process. Returns what gives them back. */
  onStop(listener: (signal: StopSignal) => void): () => void;
  /** What nobody caught, a rejection or an error, goes there instead of ending the process. Returns what ends that. */
  onUncaught(listener: (thrown: unknown) => void): () => void;
  /** Takes what code of users prints, on either stream, from here on; `undefined`: it goes to stderr as it is. */
  onPrint(listener: ((text: string) => void) | undefined): void;
  /** At once, whatever is under way. */
  exit(code: number): never;
}

/** The real one. From here on `process.stdout` and `process.stderr` are the users' code's. */
export function openTerminal(): Terminal {
  const stdout = sinkOn(process.stdout, 1);
  const stderr = sinkOn(process.stderr, 2);
  let onPrint: ((text: string) => void) | undefined;
  const print = (text: string): void => (onPrint ? onPrint(text) : stderr.write(text));
  process.stdout.write = process.stderr.write = printing(print);
  return {
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    stdout,
    stderr,
    stdin: { read: readStdin },
    onStop: listenForStop,
    onUncaught: (listener) => {
      process.on("uncaughtException", listener);
      return () => void process.off("uncaughtException", listener);
    },
    onPrint: (listener) => void (onPrint = listener),
    exit: exitProcess,
  };
}

function sinkOn(stream: NodeJS.WriteStream, handle: number): Sink {
  const write = isFile(handle) ? writesTo(handle) : (stream.write.bind(stream) as Write);
  // Node leaves it undefined where it is not one.
  const isTerminal = stream.isTTY === true;
  let closed = false;
  let failure: NodeJS.ErrnoException | undefined;
  let pending = 0;
  let drained: (() => void)[] = [];
  // A reader such as `head` may leave: the rest is not written, and nobody is told. A full disk is another matter.
  const fail = (error: NodeJS.ErrnoException): void => {
    closed = true;
    if (!NOBODY_READS.has(error.code)) failure ??= error;
  };
  stream.on("error", fail);
  const done = (error?: Error | null): void => {
    if (error) fail(error);
    if (--pending > 0) return;
    for (const resolve of drained) resolve();
    drained = [];
  };
  return {
    isTerminal,
    get columns() {
      return isTerminal && stream.columns > 0 ? stream.columns : 80;
    },
    get rows() {
      return isTerminal && stream.rows > 0 ? stream.rows : 24;
    },
    get closed() {
      return closed;
    },
    write(text) {
      if (closed || text === "") return;
      pending++;
      write(text, done);
    },
    async flush() {
      if (pending > 0) await new Promise<void>((resolve) => void drained.push(resolve));
      return failure;
    },
  };
}

type Write = (text: string, done: (error?: Error | null) => void) => void;

const NOBODY_READS: ReadonlySet<unknown> = new Set(["EPIPE", "ERR_STREAM_DESTROYED"]);

function isFile(handle: number): boolean {
  return fstatSync(handle).isFile();
}

/** All of it: what a full disk takes only a part of Node's own stream takes for written. */
function writesTo(handle: number): Write {
  return (text, done) => {
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
      done();
    } catch (thrown) {
      done(thrown as Error);
    }
  };
}

/** In the place of a stream's `write`. */
function printing(print: (text: string) => void): NodeJS.WriteStream["write"] {
  return (chunk: Uint8Array | string, ...rest: readonly unknown[]) => {
    const encoding = typeof rest[0] === "string" && Buffer.isEncoding(rest[0]) ? rest[0] : "utf8";
    print(typeof chunk === "string" ? Buffer.from(chunk, encoding).toString() : Buffer.from(chunk).toString());
    const done = rest.find((one) => typeof one === "function");
    if (done) queueMicrotask(done as () => void);
    return true;
  };
}

/** `undefined` when there are more than `limit` bytes. */
async function readStdin(limit: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function listenForStop(listener: (signal: StopSignal) => void): () => void {
  const heard = (signal: NodeJS.Signals): void => listener(signal as StopSignal);
  process.on("SIGINT", heard);
  process.on("SIGTERM", heard);
  return () => {
    process.off("SIGINT", heard);
    process.off("SIGTERM", heard);
  };
}
