/** Which file a program's name means, and why it would not start. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** The program's file. Empty and relative entries of PATH are passed over: they would mean the working directory. */
export function locate(name: string | undefined, path = ""): { readonly path: string } | { readonly problem: string } {
  if (name === undefined || name === "") return { problem: "it names no program" };
  if (isAbsolute(name)) return { path: name };
  if (name.includes("/"))
    return { problem: `${name} is relative; give an absolute path, or a name to look up in PATH` };
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, name);
    if (isAbsolute(folder) && isProgram(candidate)) return { path: candidate };
  }
  return { problem: `there is no program ${name} in PATH (${path})` };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Why a program that was found, or named by its path, did not start. */
export function explain(path: string, cwd: string | undefined, thrown: unknown): string {
  const { code, message } = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : { code: "", message: "" };
  if (cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
    return `its working directory ${cwd} does not exist`;
  if (code === "ENOENT" && isProgram(path)) return `${path} names an interpreter that does not exist`;
  if (code === "ENOENT") return `${path} does not exist`;
  if (code === "EACCES") return `${path} may not be executed`;
  return `${path} cannot be started: ${code || message}`;
}
