/** What both processes need: JSON in, JSON out, and a git that neither fetches nor runs what a repository names. */
import { spawn } from "node:child_process";

const TIMEOUT_MS = 120_000;
const QUIET = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false"];

const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"))),
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ALLOW_PROTOCOL: "none",
};

/** Reads the one JSON document on stdin, answers with one on stdout; an error is a line on stderr and exit 1. */
export async function answer(work) {
  try {
    const chunks = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    const output = await work(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    process.stdout.write(JSON.stringify(output));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** What git prints, as it comes. Ends with git's own words as an error when it fails. */
async function* gitOutput(root, args) {
  const child = spawn("git", ["-C", root, ...QUIET, ...args], { env: environment, timeout: TIMEOUT_MS });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaint = (complaint + text).slice(0, 500)));
  const closed = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  closed.catch(() => {}); // Awaited below; until then a failed start is not an unhandled one.
  child.stdin.on("error", () => {}).end();
  yield* child.stdout.setEncoding("utf8");
  const code = await closed;
  if (code === 0) return;
  const why = code === null ? `gave no answer within ${TIMEOUT_MS / 1000} s` : complaint.trim();
  throw new Error(`git ${args[0]}: ${why}`);
}

/** The same, cut at every NUL: a long history is never held as a whole. */
export async function* gitTokens(root, args) {
  let rest = "";
  for await (const text of gitOutput(root, args)) {
    const tokens = (rest + text).split("\0");
    rest = tokens.pop();
    yield* tokens;
  }
  if (rest !== "") yield rest;
}

export async function git(root, args) {
  const chunks = [];
  for await (const text of gitOutput(root, args)) chunks.push(text);
  return chunks.join("");
}

/** The regular files of a commit: `{ path, id, bytes }`. Links and submodules are counted, not listed. */
export async function listTree(root, commit) {
  const files = [];
  let links = 0;
  let submodules = 0;
  if (commit === null) return { files, links, submodules };
  for await (const entry of gitTokens(root, ["ls-tree", "-r", "-z", "-l", "--full-tree", commit])) {
    const [, mode, id, bytes, path] = /^(\d+) \w+ ([0-9a-f]+) +(\S+)\t([^]*)$/.exec(entry) ?? [];
    if (mode === "160000") submodules++;
    else if (mode === "120000") links++;
    else if (path !== undefined) files.push({ path, id, bytes: Number(bytes) });
  }
  return { files, links, submodules };
}

export function finding(rule, risk, { title, action, where = [] }) {
  return { rule, risk, title, action, where: where.slice(0, 5), more: Math.max(0, where.length - 5) };
}

export const figure = (n) => n.toLocaleString("en-US");

export const many = (n, one) => `${figure(n)} ${one}${n === 1 ? "" : "s"}`;
