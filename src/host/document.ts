/** A workflow that was written as a file. Reading it loads and spawns nothing. */
import { readFile, stat } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { TuttiError } from "../errors.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import type { DocumentFormat, DocumentProblem } from "../workflow/document/read.ts";

export interface WorkflowFile {
  readonly definition: WorkflowDefinition;
  /** As it was named. */
  readonly file: string;
  /** Absolute: what the document's paths are relative to. */
  readonly folder: string;
}

const FORMATS: Readonly<Record<string, DocumentFormat>> = { ".yaml": "yaml", ".yml": "yaml", ".json": "json" };

/**
 * Reads a workflow from a `.yaml`, `.yml` or `.json` file. Rejects with FILE_UNREADABLE, or with DEFINITION_INVALID:
 * every problem with its line, column and path, in words and in `data.list`.
 */
export async function loadWorkflow(path: string): Promise<WorkflowFile> {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format === undefined) unreadable(path, "its name must end with .yaml, .yml or .json");
  // Loaded here, so that whoever has no document pays for none.
  const { readDocument, tooLong } = await import("../workflow/document/read.ts");
  const large = tooLong(format, await reading(path, async () => (await stat(path)).size));
  if (large !== undefined) return refuse(path, [{ path: "$", message: large }]);
  const bytes = await reading(path, () => readFile(path));
  const { problems, definition } = await readDocument(textOf(path, bytes), { format });
  if (!definition) return refuse(path, problems);
  return { definition, file: path, folder: dirname(resolve(path)) };
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "there is none",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
};

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
    return unreadable(path, PROBLEMS[code] ?? code);
  }
}

function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return unreadable(path, "it is not UTF-8");
  }
}

function unreadable(file: string, problem: string): never {
  throw new TuttiError("FILE_UNREADABLE", { file, problem });
}

function refuse(file: string, list: readonly DocumentProblem[]): never {
  const problems = list.map(({ line, column, path, message }) => {
    const place = line === undefined ? file : `${file}:${line}:${column}`;
    return `  ${place}  ${path}: ${message}`;
  });
  throw new TuttiError("DEFINITION_INVALID", { workflow: file, problems: problems.join("\n"), list });
}
