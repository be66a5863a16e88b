/** The trace of strace, read back: what one process did to the files below a folder, in order. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Paths are relative to the folder. */
export type Call =
  | { readonly call: "open"; readonly path: string; readonly truncates: boolean }
  | { readonly call: "write"; readonly path: string; readonly at: number; readonly data: Buffer }
  | { readonly call: "append"; readonly path: string; readonly data: Buffer }
  | { readonly call: "truncate"; readonly path: string; readonly size: number }
  | { readonly call: "sync" | "mkdir" | "unlink"; readonly path: string }
  | { readonly call: "rename"; readonly path: string; readonly to: string };

/** Everything that can change what is on disk. A call of these that is not understood below is an error. */
const TRACED =
  "openat,open,creat,pwrite64,pwritev,pwritev2,write,writev,ftruncate,truncate,fallocate,fsync,fdatasync," +
  "sync_file_range,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,mkdir,mkdirat,rmdir,copy_file_range";

/** One file per thread, descriptors with their paths, every byte. */
export function tracing(file: string): readonly string[] {
  return ["-ff", "-y", "-xx", "-s", "100000000", "-e", `trace=${TRACED}`, "-o", file];
}

/** What was traced to `file`. One thread may do it all: the order between threads is not in the trace. */
export function callsIn(file: string, folder: string): readonly Call[] {
  const threads = readdirSync(dirname(file))
    .filter((name) => name.startsWith(`${basename(file)}.`))
    .map((name) => callsOfThread(readFileSync(join(dirname(file), name), "latin1"), folder))
    .filter((calls) => calls.length > 0);
  const [calls, other] = threads;
  if (!calls || other) throw new Error(`${threads.length} threads of the recorded process touched its files, not one`);
  return calls;
}

const LINE = /^(\w+)\((.*)\) += (\d+)/;
/** A descriptor's path, or a text in quotes; hexadecimal. */
const TEXT = /[<"]((?:\\x[0-9a-f]{2})*)[>"]/g;
const DELETED = / \(deleted\)$/;

function callsOfThread(trace: string, folder: string): readonly Call[] {
  return trace.split("\n").flatMap((line) => {
    // A call that failed has changed nothing, and lines that are no calls tell of signals and the end.
    const [, name = "", args = "", result = ""] = LINE.exec(line) ?? [];
    if (name === "") return [];
    const texts = Array.from(args.matchAll(TEXT), ([, hex = ""]) => Buffer.from(hex.replaceAll("\\x", ""), "hex"));
    const inFolder = texts.map(String).find((text) => text === folder || text.startsWith(`${folder}/`));
    // A file without a name: whatever happens to it is gone with the power.
    if (inFolder === undefined || DELETED.test(inFolder)) return [];
    return called({ name, args, texts, result: Number(result), path: inFolder.slice(folder.length + 1), folder });
  });
}

interface Traced {
  readonly name: string;
  readonly args: string;
  readonly texts: readonly Buffer[];
  readonly result: number;
  readonly path: string;
  readonly folder: string;
}

function called({ name, args, texts, result, path, folder }: Traced): readonly Call[] {
  const last = Number(/(\d+)$/.exec(args)?.[1]);
  switch (name) {
    case "openat":
      return args.includes("O_CREAT") ? [{ call: "open", path, truncates: args.includes("O_TRUNC") }] : [];
    case "pwrite64":
      return [{ call: "write", path, at: last, data: (texts[1] as Buffer).subarray(0, result) }];
    case "write":
      return [{ call: "append", path, data: (texts[1] as Buffer).subarray(0, result) }];
    case "ftruncate":
      return [{ call: "truncate", path, size: last }];
    case "fsync":
    case "fdatasync":
      return [{ call: "sync", path }];
    case "mkdir":
    case "unlink":
      return [{ call: name, path }];
    case "rename":
      return [{ call: "rename", path, to: String(texts[1]).slice(folder.length + 1) }];
    default:
      throw new Error(`the explorer does not know what ${name} does to ${path}`);
  }
}
