/** The knowledge agent: who wrote the lines that stand today, and how many of them are by people who have left. */
import { finding, type Code, type Finding, type Knowledge, type Repository } from "../findings.ts";
import { ask, git, wasInterrupted, type GitOptions } from "../git.ts";
import { many, percent } from "../wording.ts";
import type { Context } from "./context.ts";

const BLAMED_FILES = 300;
/** In a very large repository the shorter files are left out when this is used up. */
const BUDGET_MS = 120_000;
const AT_A_TIME = 2;
const SHOWN_AUTHORS = 10;
/** From this share of lines on, what nobody here wrote is a risk. */
const MUCH = 0.3;

/** Lines by author. */
type Lines = Map<string, number>;

interface Blamed {
  readonly path: string;
  readonly lines: Lines;
}

const NOTHING: Knowledge = { files: 0, lines: 0, authors: [], authorCount: 0, goneLines: 0, findings: [], limits: [] };

export async function readKnowledge(
  { repository, code }: { repository: Repository; code: Pick<Code, "code"> | null },
  ctx: Context,
): Promise<Knowledge> {
  const { root, commit } = repository;
  const options = { signal: ctx.signal };
  if (commit === null) return NOTHING;
  if (code === null) return { ...NOTHING, limits: ["Who knows the code was not measured, because the code was not."] };
  if ((await ask(root, ["rev-parse", "--is-shallow-repository"], options)) === "true")
    return { ...NOTHING, limits: ["Who wrote the lines of a shallow clone is not known."] };
  const paths = code.code.slice(0, BLAMED_FILES).map(({ path }) => path);
  const blamed: Blamed[] = [];
  let skipped = 0;
  const until = Date.now() + BUDGET_MS;
  const queue = paths.values();
  const work = async (): Promise<void> => {
    for (const path of queue) {
      if (Date.now() > until) break;
      const lines = await blame(root, commit, path, options);
      if (lines === undefined) skipped++;
      else blamed.push({ path, lines });
      ctx.progress((blamed.length + skipped) / paths.length, `${blamed.length} of ${paths.length} files`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const asked = blamed.length + skipped;
  const active = await activeAuthors(root, commit, options);
  return {
    ...summarise(blamed, active),
    limits: [
      ...(code.code.length > asked
        ? [`Only the ${many(asked, "longest code file")} of ${code.code.length} were asked for their authors.`]
        : []),
      ...(skipped > 0 ? [`Git could not tell the authors of ${many(skipped, "file")}.`] : []),
      "A line belongs to whoever changed it last: formatting, moves and reviews are not told from writing.",
    ],
  };
}

/** Lines by author; `undefined` where git has no answer, or none in time. A commit's author is told once, each line names its commit. */
async function blame(root: string, commit: string, path: string, options: GitOptions): Promise<Lines | undefined> {
  let told: string;
  try {
    told = await git(root, ["blame", "--porcelain", commit, "--", path], options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (wasInterrupted(error)) throw error;
    return undefined;
  }
  const authorOf = new Map<string, string>();
  const lines: Lines = new Map();
  const linesOf = new Map<string, number>();
  let current = "";
  for (const line of told.split("\n")) {
    if (line.startsWith("\t")) continue; // The line itself.
    const id = /^([0-9a-f]{40,64}) \d+ \d+/.exec(line)?.[1];
    if (id !== undefined) {
      current = id;
      linesOf.set(id, (linesOf.get(id) ?? 0) + 1);
    } else if (line.startsWith("author ")) authorOf.set(current, line.slice("author ".length));
  }
  for (const [id, count] of linesOf) {
    const author = authorOf.get(id) ?? "(no name)";
    lines.set(author, (lines.get(author) ?? 0) + count);
  }
  return lines;
}

/** Whoever committed in the 365 days up to the audited commit. */
async function activeAuthors(root: string, commit: string, options: GitOptions): Promise<ReadonlySet<string>> {
  const last = Number(await git(root, ["log", "-1", "--format=%ct", commit, "--"], options));
  const since = `--since=@${last - 365 * 24 * 60 * 60}`;
  return new Set((await git(root, ["log", "-z", since, "--format=%aN", commit, "--"], options)).split("\0"));
}

function summarise(blamed: readonly Blamed[], active: ReadonlySet<string>): Omit<Knowledge, "limits"> {
  const all: Lines = new Map();
  for (const { lines } of blamed) for (const [name, count] of lines) all.set(name, (all.get(name) ?? 0) + count);
  const total = sum(all, () => true);
  const gone = sum(all, (name) => !active.has(name));
  const authors = [...all]
    .map(([name, lines]) => ({ name, lines, active: active.has(name) }))
    .sort((a, b) => b.lines - a.lines || (a.name < b.name ? -1 : 1));
  return {
    files: blamed.length,
    lines: total,
    authors: authors.slice(0, SHOWN_AUTHORS),
    authorCount: authors.length,
    goneLines: gone,
    findings: judge(blamed, active, gone / total),
  };
}

function judge(blamed: readonly Blamed[], active: ReadonlySet<string>, share: number): Finding[] {
  if (!(share >= MUCH)) return [];
  const title = `${percent(share)} of the lines are by people without a commit in the last year`;
  const orphans = blamed
    .map(({ path, lines }) => ({ path, gone: sum(lines, (name) => !active.has(name)) }))
    .sort((a, b) => b.gone - a.gone || (a.path < b.path ? -1 : 1));
  const action = "Have someone of today read and test the files with most of them before they must be changed";
  return [
    finding("orphaned-code", share >= 2 * MUCH ? "high" : "medium", {
      title,
      action,
      where: orphans.map(({ path }) => path),
    }),
  ];
}

function sum(lines: Lines, counts: (name: string) => boolean): number {
  return [...lines].reduce((total, [name, count]) => total + (counts(name) ? count : 0), 0);
}
