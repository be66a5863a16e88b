/**
 * The code agent, a program of its own: how much there is of what, and where the hot spots are (files that are
 * both long and often changed). In: { root, commit }. Out: what `codeSchema` in ../findings.ts says.
 */
import { kindOf, languageOf } from "./kinds.mjs";
import { answer, figure, finding, git, gitTokens, listTree, many } from "./shared.mjs";

const CHURN_COMMITS = 5_000;
const LISTED_FILES = 2_000;
const GIANT_LINES = 1_000;
const LARGE_BYTES = 5 * 1024 * 1024;
/** A hot spot is at least this long and was changed at least this often. */
const HOT = { lines: 300, commits: 10 };

async function measure({ root, commit }) {
  const { files, links, submodules } = await listTree(root, commit);
  const lines = await countLines(root, commit);
  const churn = await countChurn(root, commit);
  const measured = files.map(({ path, bytes, id }) => {
    const counted = lines.get(path);
    return { path, bytes, id, lines: counted ?? 0, kind: counted === undefined ? "binary" : kindOf(path) };
  });
  const hotSpots = findHotSpots(measured, churn.files);
  const largest = (kind) => measured.filter((file) => file.kind === kind).sort((a, b) => b.lines - a.lines);
  const [code, tests] = [largest("code"), largest("test")];
  const listed = (all) => all.slice(0, LISTED_FILES).map(({ path, lines: count }) => ({ path, lines: count }));
  return {
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    kinds: tally(measured, (file) => file.kind),
    languages: Object.entries(tally([...code, ...tests], (file) => languageOf(file.path)))
      .map(([name, count]) => ({ name, ...count }))
      .sort((a, b) => b.lines - a.lines),
    code: listed(code),
    tests: listed(tests),
    hotSpots,
    churn: { commits: churn.commits, since: churn.since },
    findings: [...judgeCode(code, hotSpots), ...judgeFiles(measured), ...(await findSecrets(root, files))],
    limits: limitsOf({ links, submodules, code, tests, churn }),
  };
}

/** Lines of every text file, as git counts them when it compares the commit with nothing. */
async function countLines(root, commit) {
  const lines = new Map();
  if (commit === null) return lines;
  const nothing = (await git(root, ["hash-object", "-t", "tree", "--stdin"])).trim();
  const compare = ["diff-tree", "-r", "-z", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv"];
  for await (const token of gitTokens(root, [...compare, nothing, commit])) {
    const [, added, path] = /^(\d+)\t\d+\t([^]*)$/.exec(token) ?? [];
    if (path !== undefined) lines.set(path, Number(added)); // Binary files show "-" and stay unknown.
  }
  return lines;
}

/** By path: the commits that touched it, the lines they added and deleted, and who made them. */
async function countChurn(root, commit) {
  const churn = { commits: 0, since: null, files: new Map() };
  if (commit === null) return churn;
  const form = ["--numstat", "-z", "--no-renames", "--no-merges", "--no-ext-diff", "--no-textconv"];
  const bounds = [`--max-count=${CHURN_COMMITS}`, "--format=commit %cI %aN", commit, "--"];
  let author = "";
  for await (const token of gitTokens(root, ["log", ...form, ...bounds])) {
    const header = /^\n?commit (\S+) ([^]*)$/.exec(token);
    if (header) {
      churn.commits++;
      churn.since = header[1];
      author = header[2];
      continue;
    }
    const [, added, deleted, path] = /^\n?(\d+)\t(\d+)\t([^]*)$/.exec(token) ?? [];
    if (path === undefined) continue;
    const file = churn.files.get(path) ?? { commits: 0, changedLines: 0, authors: new Set() };
    file.commits++;
    file.changedLines += Number(added) + Number(deleted);
    file.authors.add(author);
    churn.files.set(path, file);
  }
  return churn;
}

function findHotSpots(measured, churn) {
  return measured
    .filter((file) => file.kind === "code" && churn.has(file.path))
    .map(({ path, lines }) => {
      const { commits, changedLines, authors } = churn.get(path);
      return { path, lines, commits, changedLines, authors: authors.size, score: commits * lines };
    })
    .filter((file) => file.commits > 1)
    .sort((a, b) => b.score - a.score)
    .slice(0, 10);
}

function tally(files, by) {
  const counts = {};
  for (const file of files) {
    const count = (counts[by(file)] ??= { files: 0, lines: 0 });
    count.files++;
    count.lines += file.lines;
  }
  return counts;
}

function judgeCode(code, hotSpots) {
  const findings = [];
  const hot = hotSpots.filter((file) => file.lines >= HOT.lines && file.commits >= HOT.commits);
  if (hot.length > 0) {
    const [top] = hot;
    const title = `${many(hot.length, "hot spot")}: the first has ${figure(top.lines)} lines and was changed by ${top.commits} commits`;
    const risk = hot.some((file) => file.lines >= GIANT_LINES) ? "high" : "medium";
    findings.push(
      finding("hot-spot", risk, { title, action: "Split along what changes together, test first", where: paths(hot) }),
    );
  }
  const giants = code.filter((file) => file.lines > GIANT_LINES);
  if (giants.length > 0) {
    const title = `${many(giants.length, "code file")} of more than ${figure(GIANT_LINES)} lines, the longest ${figure(giants[0].lines)}`;
    const risk = giants.length >= 10 ? "medium" : "low";
    findings.push(
      finding("giant-file", risk, {
        title,
        action: "Split the longest where its parts do not need each other",
        where: paths(giants),
      }),
    );
  }
  return findings;
}

function judgeFiles(measured) {
  const findings = [];
  const large = measured.filter((file) => file.bytes > LARGE_BYTES).sort((a, b) => b.bytes - a.bytes);
  if (large.length > 0) {
    const title = `${many(large.length, "tracked file")} over 5 MB, the largest ${(large[0].bytes / 1e6).toFixed(1)} MB`;
    findings.push(
      finding("large-blob", "low", {
        title,
        action: "Keep large files outside git, or in Git LFS",
        where: paths(large),
      }),
    );
  }
  const modules = measured.filter((file) => /(^|\/)node_modules\//.test(file.path));
  if (modules.length > 0) {
    const title = `${many(modules.length, "file")} under node_modules committed`;
    findings.push(
      finding("vendored", "medium", {
        title,
        action: "Remove them from git and install from the lock file",
        where: paths(modules),
      }),
    );
  }
  return findings;
}

const SECRET_NAME = /(^|\/)(\.env(\.[\w-]+)?|id_(rsa|dsa|ecdsa|ed25519)|[^/]+\.(pem|key|p12|pfx))$/;
const HARMLESS_NAME = /\.(example|sample|template|dist)$/;

/** Private keys and filled-in .env files: found by name, then confirmed by what they hold. */
async function findSecrets(root, files) {
  const named = files.filter((file) => SECRET_NAME.test(file.path) && !HARMLESS_NAME.test(file.path));
  const found = [];
  for (const file of named.filter(({ bytes }) => bytes < 65_536).slice(0, 100)) {
    const text = await git(root, ["cat-file", "blob", file.id]);
    if (/PRIVATE KEY-----/.test(text) || (/\.env/.test(file.path) && /^[ \t]*[\w.]+[ \t]*=[ \t]*\S/m.test(text)))
      found.push(file);
    else if (/\.(p12|pfx)$/.test(file.path)) found.push(file);
  }
  if (found.length === 0) return [];
  const live = found.filter(({ path }) => !["test", "fixtures", "examples"].some((part) => path.includes(part)));
  const title = `${many(found.length, "file")} with private keys or filled-in environments`;
  const action = "Check whether they are real; if so replace the secrets, for git keeps the old ones for ever";
  return [
    finding("secret-file", live.length > 0 ? "high" : "low", {
      title,
      action,
      where: paths([...live, ...found.filter((file) => !live.includes(file))]),
    }),
  ];
}

function limitsOf({ links, submodules, code, tests, churn }) {
  const limits = [];
  if (submodules > 0) limits.push(`Submodules were not looked into (${submodules}).`);
  if (links > 0) limits.push(`Symbolic links were not followed (${links}).`);
  if (churn.commits === CHURN_COMMITS) limits.push(`Churn is of the newest ${figure(CHURN_COMMITS)} commits only.`);
  if (code.length > LISTED_FILES || tests.length > LISTED_FILES)
    limits.push(`Only the ${figure(LISTED_FILES)} longest code files and test files were looked at one by one.`);
  limits.push("Code is known by its file extension: programs without one count as data.");
  limits.push("Renames are not followed: a moved file's churn begins with its move.");
  limits.push("Secrets were sought in files with a telling name only, not in all files or in the history.");
  return limits;
}

function paths(files) {
  return files.map((file) => file.path);
}

await answer(measure);
