import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeReport } from "./agents/writer.ts";
import { finding, type Evidence, type Grade, type Repository, type Vote } from "./findings.ts";
import { composeReport } from "./report.ts";
import { everything } from "./testing/evidence.ts";
import { AUDITED_AT, context } from "./testing/repository.ts";

const repository: Repository = {
  name: "shop",
  root: "/work/shop",
  commit: "0123456789abcdef0123456789abcdef01234567",
  branch: "main",
  auditedAt: AUDITED_AT,
};
const low: Vote = { viewpoint: "maintainability", risk: "low", reasons: [] };
const high: Vote = { viewpoint: "operations", risk: "high", reasons: ["No CI"] };
const calm: Grade = { risk: "low", votes: [low], dissent: [], abstained: 0 };

function compose(evidence: Partial<Evidence> = {}, grade: Grade = calm, about: Partial<Repository> = {}): string {
  return composeReport({
    repository: { ...repository, ...about },
    evidence: { ...everything, ...evidence },
    grade,
    runId: "run_1",
  });
}

describe("the report", () => {
  test("begins with the grade, what it is of, and the findings, highest risk first", () => {
    const evidence = {
      findings: [
        finding("no-lock", "high", {
          title: "no lock",
          action: "Commit one",
          where: ["a ^1", "b", "c", "d", "e", "f"],
        }),
        ...Array.from({ length: 8 }, (_, n) =>
          finding("hot-spot", "low", { title: `spot ${n}`, action: "Split it", where: [`src/${n}|.ts`] }),
        ),
      ],
    };
    const report = compose(evidence);
    expect(report).toContain("# Audit of shop\n\n**Risk: low** (all 1 reviewers agree).");
    expect(report).toContain("Commit `0123456789ab` on `main` · audited on 2026-06-01 · 40 files");
    expect(report).toContain(
      "| 1 | high | no lock | `a ^1`<br>`b`<br>`c`<br>`d`<br>`e`<br>and 1 more | Commit one |\n" +
        "| 2 | low | spot 0 | `src/0\\|.ts` | Split it |",
    );
    expect(report).toContain("Then:\n\n- low: spot 7. Split it.");
  });

  test("keeps dissent and abstentions beside the grade", () => {
    const grade: Grade = { risk: "low", votes: [low, low, high], dissent: [high], abstained: 0 };
    expect(compose({}, grade)).toContain("**Risk: low** (2 of 3 reviewers; operations says high).");
    const split: Grade = { risk: "high", votes: [low, high], dissent: [low], abstained: 1 };
    expect(compose({}, split)).toContain(
      "**Risk: high** (no majority, so the higher counts; maintainability says low; 1 could not vote).",
    );
    expect(compose({}, { risk: null, votes: [], dissent: [], abstained: 3 })).toContain("**Not graded");
  });

  test("shows every specialist's figures", () => {
    const report = compose();
    expect(report).toContain("| `src/a.ts` | 400 | 12 | 900 | 3 | 4,800 |");
    expect(report).toContain("1,200 commits (3 merges), 2024-01-01 to 2026-05-01. Last tag `v1.2.0`, 1 commit ago.");
    expect(report).toContain("half of them by 2 people; month by month `·▁▁▁▁▁▁▁▁▂▄█` (highest 64)");
    expect(report).toContain("Of 3,000 lines in 30 code files, 1,000 (33 %) were last changed by people without");
    expect(report).toContain("| Ben | 1,000 | 33 % | no |");
    expect(report).toContain("| `package.json` | 2 | 3 | 4 | 1 | 0 | 0 | `package-lock.json` |");
    expect(report).toContain("| `package-lock.json` | 90 | 0 | unknown |");
    expect(report).toContain("| CI | GitHub Actions: `.github/workflows/a.yml`, `.github/workflows/b.yml` |");
    expect(report).toContain("| not known | 2 | 1 |");
  });

  test("leaves out what was not measured, and says that it was not", () => {
    const none = { history: null, code: null, knowledge: null, dependencies: null, tests: null, licences: null };
    const report = compose({ ...none, limits: ["**The code could not be measured**: too large"] });
    expect(report.match(/^## .*/gm)).toEqual([
      "## What to do first",
      "## How the reviewers voted",
      "## What was not measured",
    ]);
    expect(report).toContain("- **The code could not be measured**: too large");
    expect(report).toContain("Nothing: no rule found fault with what was measured.");
  });

  test("is made of an empty repository too", () => {
    const history = everything.history && { ...everything.history, commits: 0, last: null, authors: [] };
    expect(compose({ history }, calm, { commit: null, branch: null })).toContain(
      "No commit yet · audited on 2026-06-01",
    );
  });

  test("shows hostile names as text", () => {
    const evil = "<script>|\n`x`";
    const history = everything.history && {
      ...everything.history,
      authors: [{ name: evil, commits: 1, last: "2026-05-01T00:00:00.000Z" }],
    };
    const report = compose(
      { history, findings: [finding("hot-spot", "low", { title: evil, action: "", where: [evil] })] },
      calm,
      { name: evil },
    );
    expect(report).not.toContain("<script>|");
    expect(report).toContain("\\<script\\>\\|\\\\u000a\\`x\\`");
  });
});

test("the writer replaces an older report in one move and leaves no draft behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-report-"));
  const out = join(folder, "report.md");
  writeFileSync(out, "old");
  const written = await writeReport({ repository, evidence: everything, grade: calm, out }, context());
  expect(readFileSync(out, "utf8")).toContain("# Audit of shop");
  expect(written).toEqual({ path: out, bytes: readFileSync(out).byteLength });
  const missing = join(folder, "none", "report.md");
  await expect(writeReport({ repository, evidence: everything, grade: calm, out: missing }, context())).rejects.toThrow(
    "ENOENT",
  );
  expect(readdirSync(folder)).toEqual(["report.md"]);
  rmSync(folder, { recursive: true });
});
