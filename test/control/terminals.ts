/** Terminals as processes, what each has said, and the witness of what their steps did. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const TERMINAL = fileURLToPath(new URL("terminal.mjs", import.meta.url));

/** One line of a terminal. */
export type Line = Readonly<Record<string, unknown>>;

export interface Terminal {
  readonly pid: number;
  /** Everything it has said. */
  readonly lines: readonly Line[];
  /** Resolves with the first line that holds these members, also if it was said before; rejects when none will come. */
  says(members: Line): Promise<Line>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }>;
  kill(signal: NodeJS.Signals): void;
  /** Ends its stdin. */
  finish(): void;
}

/** A folder with one store in it. */
export class Place implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "tutti-terminals-")));
  readonly store = join(this.folder, "store.db");
  private readonly terminals: Terminal[] = [];

  terminal(verb: string, ...args: readonly string[]): Terminal {
    return this.at(this.store, verb, ...args);
  }

  /** At the same store by another name. */
  at(store: string, verb: string, ...args: readonly string[]): Terminal {
    const terminal = open([TERMINAL, verb, store, ...args]);
    this.terminals.push(terminal);
    return terminal;
  }

  /** Lets every `held` step go on. */
  release(): void {
    writeFileSync(join(this.folder, "go"), "");
  }

  /** `begin run step`, each with the pid of who did it. */
  get witness(): readonly string[] {
    const path = join(this.folder, "witness");
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  }

  /** By whom, in their order. */
  who(what: string): readonly number[] {
    return this.witness.filter((line) => line.startsWith(`${what} `)).map((line) => Number(line.split(" ").at(-1)));
  }

  [Symbol.dispose](): void {
    for (const terminal of this.terminals) terminal.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function open(argv: readonly string[]): Terminal {
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "pipe"] });
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  let stderr = "";
  child.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
  const look = (): void => {
    for (const one of waiting) one();
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line) as Line);
    look();
  });
  const ended: Terminal["ended"] = new Promise((resolve) =>
    child.once("close", (code, signal) => {
      over = true;
      look();
      resolve({ code, signal, stderr });
    }),
  );
  return {
    pid: child.pid ?? 0,
    lines,
    says: (members) =>
      new Promise((resolve, reject) => {
        const one = (): void => {
          const found = lines.find((line) => Object.entries(members).every(([key, value]) => line[key] === value));
          if (!found && !over) return;
          waiting.delete(one);
          if (found) resolve(found);
          else reject(new Error(`never said ${JSON.stringify(members)}: ${JSON.stringify(lines)} ${stderr}`));
        };
        waiting.add(one);
        one();
      }),
    ended,
    kill: (signal) => void child.kill(signal),
    finish: () => child.stdin.end(),
  };
}
