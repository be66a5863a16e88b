import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { context, Sandbox } from "../testing/repository.ts";
import { readKnowledge } from "./knowledge.ts";

const LINE = "let x = 1;\n";
const listed = (...paths: string[]) => ({ code: paths.map((path) => ({ path, lines: 1 })) });

test("lines are counted by who changed them last, and those of people who left are found", async () => {
  using sandbox = new Sandbox();
  sandbox.write("old.ts", LINE.repeat(60)).write("odd name\t`|.ts", LINE.repeat(10));
  sandbox.commit({ author: "Gone", date: "2024-01-01T12:00:00Z" });
  sandbox.write("old.ts", `${LINE.repeat(50)}${"let y = 2;\n".repeat(40)}`);
  sandbox.commit({ author: "Here", date: "2026-01-01T12:00:00Z" });
  const knowledge = await readKnowledge(
    { repository: await sandbox.open(), code: listed("old.ts", "odd name\t`|.ts") },
    context(),
  );
  expect(knowledge).toMatchObject({
    files: 2,
    lines: 100,
    authors: [
      { name: "Gone", lines: 60, active: false },
      { name: "Here", lines: 40, active: true },
    ],
    authorCount: 2,
    goneLines: 60,
    findings: [{ rule: "orphaned-code", risk: "high", where: ["old.ts", "odd name\t`|.ts"] }],
  });
});

test("lines of whoever is still there are no finding", async () => {
  using sandbox = new Sandbox();
  sandbox.write("a.ts", LINE).commit();
  const repository = await sandbox.open();
  expect((await readKnowledge({ repository, code: listed("a.ts") }, context())).findings).toEqual([]);
});

test("a file that git cannot tell of is counted as such, an empty list is nothing", async () => {
  using sandbox = new Sandbox();
  const repository = await sandbox.write("a.ts", LINE).commit().open();
  const knowledge = await readKnowledge({ repository, code: listed("a.ts", "not-there.ts") }, context());
  expect(knowledge).toMatchObject({ files: 1, lines: 1 });
  expect(knowledge.limits.join()).toContain("could not tell the authors of 1 file.");
  expect(await readKnowledge({ repository, code: listed() }, context())).toMatchObject({ lines: 0, findings: [] });
});

test("no commit, no measured code and a shallow clone are told, not guessed about", async () => {
  using sandbox = new Sandbox();
  const empty = await sandbox.open();
  expect(await readKnowledge({ repository: empty, code: listed() }, context())).toMatchObject({ lines: 0 });
  const repository = await sandbox.write("a.ts", LINE).commit().commit().open();
  const blind = await readKnowledge({ repository, code: null }, context());
  expect(blind.limits).toEqual([expect.stringContaining("not measured")]);
  const root = join(sandbox.root, "shallow");
  execFileSync("git", ["clone", "-q", "--depth", "1", `file://${sandbox.root}`, root]);
  const shallow = await readKnowledge({ repository: { ...repository, root }, code: listed("a.ts") }, context());
  expect(shallow).toMatchObject({ lines: 0, limits: [expect.stringContaining("shallow")] });
});

test("an aborted reading stops between files", async () => {
  using sandbox = new Sandbox();
  const repository = await sandbox.write("a.ts", LINE).write("b.ts", LINE).write("c.ts", LINE).commit().open();
  const abort = new AbortController();
  const reason = new Error("enough");
  const watching = { ...context(abort.signal), progress: () => abort.abort(reason) };
  const reading = readKnowledge({ repository, code: listed("a.ts", "b.ts", "c.ts") }, watching);
  await expect(reading).rejects.toBe(reason);
});
