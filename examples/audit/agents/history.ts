/** The history agent: who works on it, how much, how lately. Real `git log` of the audited commit. */
import { finding, type Author, type Finding, type History, type Repository } from "../findings.ts";
import { ask, git } from "../git.ts";
import { figure, percent } from "../wording.ts";
import type { Context } from "./context.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const YEAR_MS = 365 * DAY_MS;
/** The newest commits that are read one by one; the total is counted of all. */
const READ_COMMITS = 50_000;
const SHOWN_AUTHORS = 10;
/** Fewer commits than this in a year, or a younger history, say little about who carries the project. */
const ENOUGH_COMMITS = 20;
const ENOUGH_MS = 30 * DAY_MS;

interface Commit {
  readonly author: string;
  /** ms since 1970, of the committer. */
  readonly at: number;
  readonly merge: boolean;
}

const EMPTY: History = {
  commits: 0,
  shallow: false,
  merges: 0,
  first: null,
  last: null,
  authors: [],
  authorCount: 0,
  year: { commits: 0, halfBy: 0, months: Array<number>(12).fill(0) },
  lastTag: null,
  findings: [],
  limits: ["The repository has no commits, so there is no history to read."],
};

export async function readHistory({ repository }: { repository: Repository }, ctx: Context): Promise<History> {
  const { root, commit } = repository;
  if (commit === null) return EMPTY;
  const options = { signal: ctx.signal };
  const commits = await readCommits(root, commit, options);
  ctx.progress(0.6, `${commits.length} commits read`);
  const total = Number(await git(root, ["rev-list", "--count", commit, "--"], options));
  const shallow = (await ask(root, ["rev-parse", "--is-shallow-repository"], options)) === "true";
  const times = commits.map(({ at }) => at);
  const last = times.reduce((a, b) => Math.max(a, b), 0);
  const first = times.reduce((a, b) => Math.min(a, b), last);
  const recent = commits.filter(({ at }) => at > last - YEAR_MS);
  const authors = countAuthors(commits);
  const history = {
    commits: total,
    shallow,
    merges: commits.filter(({ merge }) => merge).length,
    first: total > commits.length ? null : new Date(first).toISOString(),
    last: new Date(last).toISOString(),
    authors: authors.slice(0, SHOWN_AUTHORS),
    authorCount: authors.length,
    year: { commits: recent.length, halfBy: halfBy(recent), months: byMonth(recent, last) },
    lastTag: await readLastTag(root, commit, options),
  };
  return {
    ...history,
    findings: shallow ? [] : judge(history, recent, Date.parse(repository.auditedAt) - last),
    limits: [
      ...(shallow ? ["The clone is shallow: its history is cut, so nothing was concluded from it."] : []),
      ...(total > commits.length
        ? [`Authors and dates are of the newest ${figure(READ_COMMITS)} of ${figure(total)} commits.`]
        : []),
      "People are told apart by name (.mailmap is honoured); pair work and reviews leave no trace here.",
    ],
  };
}

async function readCommits(root: string, commit: string, options: { signal: AbortSignal }): Promise<Commit[]> {
  const format = "--format=%ct%x1f%p%x1f%aN";
  const log = await git(root, ["log", "-z", `--max-count=${READ_COMMITS}`, format, commit, "--"], options);
  return log
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [seconds = "", parents = "", author = ""] = line.split("\u001f");
      return { author: author.trim() || "(no name)", at: Number(seconds) * 1000, merge: parents.includes(" ") };
    });
}

function countAuthors(commits: readonly Commit[]): Author[] {
  const byName = new Map<string, { commits: number; last: number }>();
  for (const { author, at } of commits) {
    const known = byName.get(author);
    byName.set(author, { commits: (known?.commits ?? 0) + 1, last: Math.max(known?.last ?? 0, at) });
  }
  return [...byName]
    .map(([name, { commits: count, last }]) => ({ name, commits: count, last: new Date(last).toISOString() }))
    .sort((a, b) => b.commits - a.commits);
}

function people(commits: readonly Commit[]): readonly Commit[] {
  return commits.filter(({ author, merge }) => !merge && !author.endsWith("[bot]"));
}

/** How few people wrote half of what people wrote. */
function halfBy(commits: readonly Commit[]): number {
  const written = people(commits);
  let sum = 0;
  let count = 0;
  for (const author of countAuthors(written)) {
    if (sum * 2 >= written.length) break;
    sum += author.commits;
    count++;
  }
  return count;
}

function byMonth(commits: readonly Commit[], last: number): number[] {
  const months = Array<number>(12).fill(0);
  for (const { at } of commits) {
    const month = Math.max(0, 11 - Math.floor((last - at) / (YEAR_MS / 12)));
    months[month] = (months[month] ?? 0) + 1;
  }
  return months;
}

async function readLastTag(
  root: string,
  commit: string,
  options: { signal: AbortSignal },
): Promise<History["lastTag"]> {
  const name = await ask(root, ["describe", "--tags", "--abbrev=0", commit], options);
  if (name === undefined) return null;
  const since = await ask(root, ["rev-list", "--count", `refs/tags/${name}..${commit}`, "--"], options);
  return since === undefined ? null : { name, commitsSince: Number(since) };
}

function judge(history: Pick<History, "lastTag">, recent: readonly Commit[], ageMs: number): Finding[] {
  const findings: Finding[] = [];
  const days = Math.floor(ageMs / DAY_MS);
  if (ageMs > YEAR_MS) {
    const action = "Say in the README whether it is finished, looking for hands, or replaced";
    findings.push(
      finding("dormant", days > 730 ? "high" : "medium", { title: `No commit for ${figure(days)} days`, action }),
    );
  }
  const written = people(recent);
  const times = written.map(({ at }) => at);
  const lasted = Math.max(...times) - Math.min(...times);
  const [top] = countAuthors(written);
  const share = top === undefined ? 0 : top.commits / written.length;
  if (top !== undefined && written.length >= ENOUGH_COMMITS && share >= 0.8 && lasted >= ENOUGH_MS) {
    const title = `One person wrote ${percent(share)} of the last year's ${figure(written.length)} commits`;
    const action = "Have a second person review and release, beginning with the hot spots";
    findings.push(finding("few-hands", "medium", { title, action, where: [top.name] }));
  }
  if (history.lastTag !== null && history.lastTag.commitsSince > 200) {
    const title = `${figure(history.lastTag.commitsSince)} commits since the last tag`;
    findings.push(
      finding("unreleased", "low", {
        title,
        action: "Release, so that users have what is done",
        where: [history.lastTag.name],
      }),
    );
  }
  return findings;
}
