/** The real streams of a process: `process.stdout` and its like are taken over here, in a process of its own. */
import { afterEach, expect, test } from "vitest";
import { openTerminal } from "./terminal.ts";

const { stdout, stderr } = process;
const before = { out: stdout.write.bind(stdout), err: stderr.write.bind(stderr) };
const written: { out: string; err: string } = { out: "", err: "" };

/** A terminal on streams that keep what they are given. */
function open(fails?: string) {
  const keep =
    (into: "out" | "err") =>
    (text: string, done: (error?: Error) => void): boolean => {
      written[into] += text;
      queueMicrotask(() => done(fails === undefined ? undefined : Object.assign(new Error(), { code: fails })));
      return true;
    };
  stdout.write = keep("out") as never;
  stderr.write = keep("err") as never;
  return openTerminal();
}

afterEach(() => {
  stdout.write = before.out;
  stderr.write = before.err;
  written.out = "";
  written.err = "";
});

test("our data goes to stdout; what code of users prints, on either stream, to stderr", async () => {
  const terminal = open();
  terminal.stdout.write("data");
  const done = await new Promise((resolve) => stdout.write("printed ", "utf8", () => resolve("called back")));
  stdout.write(Buffer.from("as bytes "));
  stdout.write("6f6b20", "hex");
  stderr.write("and told");
  await Promise.all([terminal.stdout.flush(), terminal.stderr.flush()]);
  expect([written, done]).toEqual([{ out: "data", err: "printed as bytes ok and told" }, "called back"]);
});

test("somebody may take what is printed", () => {
  const terminal = open();
  const taken: string[] = [];
  terminal.onPrint((text) => taken.push(text));
  process.stdout.write("printed");
  terminal.onPrint(undefined);
  process.stdout.write("again");
  expect([taken, written]).toEqual([["printed"], { out: "", err: "again" }]);
});

test("when nobody reads any more the rest is dropped in silence", async () => {
  const { stdout: sink } = open("EPIPE");
  sink.write("first");
  expect(await sink.flush()).toBeUndefined();
  sink.write("second");
  expect(await sink.flush()).toBeUndefined();
  expect([sink.closed, written.out]).toEqual([true, "first"]);
});

test("what cannot be written is told, once all has been tried", async () => {
  const { stdout: sink } = open("ENOSPC");
  sink.write("first");
  expect(await sink.flush()).toMatchObject({ code: "ENOSPC" });
  expect(await sink.flush()).toMatchObject({ code: "ENOSPC" });
  expect(sink.closed).toBe(true);
});

test("what is not a terminal has 80 columns and 24 rows", () => {
  const { stdout: sink } = open();
  expect([sink.isTerminal, sink.columns, sink.rows]).toEqual([false, 80, 24]);
});

test("signals and errors nobody caught come to who listens, as long as it does", () => {
  const terminal = open();
  const heard: unknown[] = [];
  const others = process.rawListeners("uncaughtException") as (() => void)[];
  process.removeAllListeners("uncaughtException");
  const stop = terminal.onStop((signal) => heard.push(signal));
  const end = terminal.onUncaught((thrown) => heard.push(thrown));
  process.emit("SIGTERM", "SIGTERM");
  process.emit("uncaughtException", new Error("floating"));
  stop();
  end();
  expect([process.listenerCount("SIGTERM"), process.listenerCount("uncaughtException")]).toEqual([0, 0]);
  for (const other of others) process.on("uncaughtException", other);
  expect(heard).toEqual(["SIGTERM", new Error("floating")]);
});
