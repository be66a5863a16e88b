import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { context, Sandbox } from "../testing/repository.ts";
import { readHistory } from "./history.ts";

function rulesOf(history: { findings: readonly { rule: string }[] }): string[] {
  return history.findings.map(({ rule }) => rule);
}

test("authors, dates, months and the last tag are counted from the log", async () => {
  using sandbox = new Sandbox();
  sandbox.commit({ author: "Ada", date: "2025-06-15T12:00:00Z" });
  sandbox.commit({ author: "Ada", date: "2026-04-20T12:00:00Z" }).git(["tag", "v1.0"]);
  sandbox.commit({ author: "Ben", date: "2026-05-01T12:00:00Z" });
  const history = await readHistory({ repository: await sandbox.open() }, context());
  expect(history).toMatchObject({
    commits: 3,
    merges: 0,
    shallow: false,
    first: "2025-06-15T12:00:00.000Z",
    last: "2026-05-01T12:00:00.000Z",
    authorCount: 2,
    year: { commits: 3, halfBy: 1, months: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2] },
    lastTag: { name: "v1.0", commitsSince: 1 },
    findings: [],
  });
  expect(history.authors).toEqual([
    { name: "Ada", commits: 2, last: "2026-04-20T12:00:00.000Z" },
    { name: "Ben", commits: 1, last: "2026-05-01T12:00:00.000Z" },
  ]);
});

test("a repository without commits has a history of nothing, and says so", async () => {
  using sandbox = new Sandbox();
  const history = await readHistory({ repository: await sandbox.open() }, context());
  expect(history).toMatchObject({ commits: 0, last: null, findings: [] });
  expect(history.limits.join()).toContain("no commits");
});

test("one commit, even an old one by a nameless author, is a history", async () => {
  using sandbox = new Sandbox();
  sandbox.commit({ author: "\u001f|`odd`", date: "1971-01-01T00:00:00Z" });
  const history = await readHistory({ repository: await sandbox.open() }, context());
  expect(history).toMatchObject({ commits: 1, authorCount: 1, first: "1971-01-01T00:00:00.000Z" });
});

test("a project that one person carries is found out, and bots do not hide it", async () => {
  using sandbox = new Sandbox();
  for (let i = 0; i < 20; i++) sandbox.commit({ author: "Ada", date: `2026-0${1 + (i % 4)}-10T12:00:00Z` });
  for (let i = 0; i < 10; i++) sandbox.commit({ author: "renovate[bot]" });
  const history = await readHistory({ repository: await sandbox.open() }, context());
  expect(history.findings).toMatchObject([{ rule: "few-hands", risk: "medium", where: ["Ada"] }]);
});

test("a history of a few days says nothing about who carries the project", async () => {
  using sandbox = new Sandbox();
  for (let i = 0; i < 20; i++) sandbox.commit({ author: "Ada", date: "2026-05-01T12:00:00Z" });
  expect(rulesOf(await readHistory({ repository: await sandbox.open() }, context()))).toEqual([]);
});

test("a project is dormant after a year, and gravely so after two", async () => {
  using sandbox = new Sandbox();
  sandbox.commit({ date: "2025-05-01T12:00:00Z" });
  const repository = await sandbox.open();
  const after = async (auditedAt: string): Promise<unknown> =>
    (await readHistory({ repository: { ...repository, auditedAt } }, context())).findings;
  expect(await after("2026-04-30T00:00:00Z")).toEqual([]);
  expect(await after("2026-06-01T00:00:00Z")).toMatchObject([{ rule: "dormant", risk: "medium" }]);
  expect(await after("2027-06-01T00:00:00Z")).toMatchObject([{ rule: "dormant", risk: "high" }]);
});

test("from a shallow clone nothing is concluded", async () => {
  using sandbox = new Sandbox();
  for (let i = 0; i < 21; i++) sandbox.commit({ date: "2023-05-01T12:00:00Z" });
  const shallow = join(sandbox.root, "shallow");
  execFileSync("git", ["clone", "-q", "--depth", "20", `file://${sandbox.root}`, shallow]);
  const repository = { ...(await sandbox.open()), root: shallow };
  const history = await readHistory({ repository }, context());
  expect(history).toMatchObject({ shallow: true, commits: 20 });
  expect(rulesOf(history)).toEqual([]);
  expect(history.limits.join()).toContain("shallow");
});

test("an aborted reading stops with the reason of the abort", async () => {
  using sandbox = new Sandbox();
  sandbox.commit();
  const repository = await sandbox.open();
  const reason = new Error("enough");
  await expect(readHistory({ repository }, context(AbortSignal.abort(reason)))).rejects.toBe(reason);
});
