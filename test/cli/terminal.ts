/** The built command in a folder of its own, as a script or a person would call it. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const MAIN = join(ROOT, "dist/cli/main.js");

export interface Done {
  /** The name of the signal, when one ended it. */
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

export interface Going {
  readonly child: ChildProcess;
  readonly done: Promise<Done>;
  /** Resolves when its output holds the text; fails when it ends before. */
  said(text: string): Promise<void>;
}

export interface Call {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "tutti-cli-"));
  readonly #children = new Set<ChildProcess>();

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.write(files);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), text);
    }
  }

  /** A file's text; nothing when there is none. */
  read(name: string): string {
    try {
      return readFileSync(join(this.path, name), "utf8");
    } catch {
      return "";
    }
  }

  /** `tutti …` to its end. */
  tutti(args: readonly string[], call: Call = {}): Promise<Done> {
    return this.start(args, call).done;
  }

  start(args: readonly string[], call: Call = {}): Going {
    return this.spawn(process.execPath, [MAIN, ...args], call);
  }

  /** Any program, with `$TUTTI` as the command for shells. */
  spawn(program: string, args: readonly string[], { stdin = "", env = {} }: Call = {}): Going {
    const child = spawn(program, args, {
      cwd: this.path,
      env: {
        PATH: process.env["PATH"],
        HOME: this.path,
        TUTTI_SHUTDOWN_GRACE: "50ms",
        TUTTI: `${process.execPath} ${MAIN}`,
        ...env,
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#children.add(child);
    let out = "";
    let err = "";
    const listeners = new Set<() => void>();
    const look = (): void => {
      for (const listener of listeners) listener();
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      look();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
      look();
    });
    // One that asks for no input may be gone before it is given.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
    const done = new Promise<Done>((resolve) => {
      child.on("close", (code, signal) => {
        this.#children.delete(child);
        resolve({ code: code ?? signal ?? "?", out, err });
      });
    });
    const said = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const listen = (): void => {
          if (err.includes(text) || out.includes(text)) resolve();
        };
        listeners.add(listen);
        listen();
        void done.then(() => reject(new Error(`it ended without saying ${text}:\n${out}${err}`)));
      });
    return { child, done, said };
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A step that writes its name into `witness` and then waits for a file `go`, or for its abort. */
export const STEPS = `
import { appendFileSync, existsSync, watch } from "node:fs";

export const note = (text) => appendFileSync(new URL("witness", import.meta.url), text + "\\n");
export const first = (_, { log }) => {
  console.log("printed by a step");
  log.info("logged \\u001b[31mred\\u202e");
  note("first");
  return { hello: "wörld" };
};
export const wait = (_, { signal }) => {
  note("wait");
  return new Promise((resolve, reject) => {
    const go = new URL("go", import.meta.url);
    const end = (settle, value) => (watcher.close(), settle(value));
    const watcher = watch(new URL(".", import.meta.url), () => existsSync(go) && end(resolve, "gone"));
    signal.addEventListener("abort", () => end(reject, signal.reason));
    if (existsSync(go)) end(resolve, "gone");
  });
};
export const last = ({ needs }) => (note("last"), { got: needs });
export const fail = () => {
  throw new Error("it broke");
};
export const large = () => "ö".repeat(3_000_000);
export const floating = () => {
  void Promise.reject(new Error("nobody waits for me"));
  return new Promise(() => undefined);
};
`;

/** first → wait → last. */
export const WAITING = `
tutti: "1"
id: waiting
version: "1"
steps:
  first: { uses: "./steps.mjs#first" }
  wait: { needs: [first], uses: "./steps.mjs#wait", timeout: 1h }
  last: { needs: [wait], uses: "./steps.mjs#last" }
`;

/** One step, \`work\`, that is this export. */
export const one = (name: string, more = ""): string => `
tutti: "1"
id: ${name}
version: "1"
${more}
steps:
  work: { uses: "./steps.mjs#${name}", retry: { maximumAttempts: 1 } }
`;
