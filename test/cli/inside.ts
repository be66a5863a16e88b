/** The command within this process: the same program on a terminal that keeps what it is told. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runProgram } from "../../src/cli/program.ts";
import type { Sink, StopSignal, Terminal } from "../../src/host/terminal.ts";

export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `exit()` was called: in a real terminal nothing comes after it. */
class Exited extends Error {}

export class Inside implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "tutti-inside-"));
  /** Of what goes on. */
  out = "";
  err = "";
  /** What `exit()` was called with. */
  exited: number | undefined;
  #listeners = new Set<(signal: StopSignal) => void>();
  #said = new Set<() => void>();

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  /** Words that are names of files here become their paths. */
  async tutti(line: string, { env = {}, stdin = "", isTerminal = false, columns = 80 } = {}): Promise<Told> {
    this.out = "";
    this.err = "";
    const sink = (keep: (text: string) => void): Sink => ({
      isTerminal,
      columns,
      rows: 24,
      closed: false,
      write: (text) => {
        keep(text);
        for (const look of this.#said) look();
      },
      flush: () => Promise.resolve(undefined),
    });
    const terminal: Terminal = {
      env: { TUTTI_SHUTDOWN_GRACE: "10ms", TUTTI_ABORT_GRACE: "10ms", ...env },
      cwd: this.path,
      home: this.path,
      stdout: sink((text) => (this.out += text)),
      stderr: sink((text) => (this.err += text)),
      stdin: { read: () => Promise.resolve(Buffer.from(stdin)) },
      onStop: (listener) => {
        this.#listeners.add(listener);
        for (const look of this.#said) look();
        return () => this.#listeners.delete(listener);
      },
      onUncaught: () => () => undefined,
      onPrint: () => undefined,
      exit: (code) => {
        this.exited = code;
        throw new Exited();
      },
    };
    const words = line === "" ? [] : line.split(" ");
    const argv = words.map((word) => (/^[\w/]+\.(yaml|json)$/.test(word) ? join(this.path, word) : word));
    const code = await runProgram(argv, terminal, "1.2.3");
    return { code, out: this.out, err: this.err };
  }

  /** As if somebody pressed Ctrl-C, or sent SIGTERM. */
  stop(signal: StopSignal): void {
    for (const listener of this.#listeners) {
      try {
        listener(signal);
      } catch (thrown) {
        if (!(thrown instanceof Exited)) throw thrown;
      }
    }
  }

  /** Resolves when its output holds the text. */
  said(text: string): Promise<void> {
    return this.#until(() => (this.out + this.err).includes(text));
  }

  /** Resolves when a signal would be heard. */
  listened(): Promise<void> {
    return this.#until(() => this.#listeners.size > 0);
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#said.delete(look);
        resolve();
      };
      this.#said.add(look);
      look();
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
