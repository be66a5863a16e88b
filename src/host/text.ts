/** Text files that a person names: read whole within a bound, and never written over. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { TuttiError } from "../errors.ts";

/** Throws FILE_UNREADABLE, also for a file that has more than `limit` bytes: it is not read then. */
export function readText(file: string, limit: number): string {
  try {
    const { size } = statSync(file);
    if (size > limit) throw new Error(`it has ${size} bytes, more than ${limit}`);
    const text = textOf(readFileSync(file));
    if (text === undefined) throw new Error("it is not UTF-8");
    return text;
  } catch (thrown) {
    throw new TuttiError("FILE_UNREADABLE", { file, problem: reasonOf(thrown) });
  }
}

/** Without a byte order mark; `undefined` when it is not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** False when there is something of that name already; it stays as it is. */
export function writeNewText(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw new TuttiError("FILE_UNREADABLE", { file, problem: reasonOf(thrown) });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  ENOSPC: "the disk is full",
  EROFS: "the disk is read-only",
};

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = "code" in thrown ? String(thrown.code) : "";
  return REASONS[code] ?? thrown.message;
}
