/** Finds the repository a path lies in, and pins what is audited: one commit. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Repository } from "./findings.ts";
import { ask, git } from "./git.ts";
import { parseObject } from "./manifests/npm.ts";

/** What is wrong with the path, for whoever typed it. */
export class NoRepository extends Error {
  override name = "NoRepository";
}

/** Throws `NoRepository` when there is no such folder, or it is not in a git repository, or git is not installed. */
export async function openRepository(path: string, auditedAt: string): Promise<Repository> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw new NoRepository(`There is no folder ${path}.`);
  const root = await rootOf(path);
  const commit = (await ask(root, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])) ?? null;
  const branch = (await ask(root, ["symbolic-ref", "--quiet", "--short", "HEAD"])) ?? null;
  const manifest = commit === null ? undefined : await ask(root, ["cat-file", "blob", `${commit}:package.json`]);
  const named = parseObject(manifest ?? "")["name"];
  const folder = basename(root.replace(/\/?\.git$/, ""));
  return { name: typeof named === "string" && named !== "" ? named : folder, root, commit, branch, auditedAt };
}

/** The top of the working tree; a bare repository has none, so there it is the git directory. */
async function rootOf(path: string): Promise<string> {
  try {
    const bare = (await git(path, ["rev-parse", "--is-bare-repository"])).trim() === "true";
    const root = await git(path, ["rev-parse", bare ? "--absolute-git-dir" : "--show-toplevel"]);
    return root.replace(/\r?\n$/, "");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (why.includes("ENOENT")) throw new NoRepository("git is not installed, or not on the PATH.");
    if (why.includes("not a git repository")) throw new NoRepository(`${path} is not in a git repository.`);
    throw new NoRepository(`${path} cannot be audited: ${why}`);
  }
}
