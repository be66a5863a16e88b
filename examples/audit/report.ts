/** The report: what to do first, how it was graded, then the figures, then what was not measured. */
import type { Evidence, Finding, Grade, Repository } from "./findings.ts";
import { figures } from "./figures.ts";
import { code, plain, table } from "./markdown.ts";
import { figure, many } from "./wording.ts";

const FIRST = 8;

export interface Report {
  readonly repository: Repository;
  readonly evidence: Evidence;
  readonly grade: Grade;
  readonly runId: string;
}

export function composeReport({ repository, evidence, grade, runId }: Report): string {
  return [
    `# Audit of ${plain(repository.name)}`,
    verdict(grade),
    subject(repository, evidence),
    "## What to do first",
    firstThings(evidence.findings),
    "## How the reviewers voted",
    votes(grade),
    ...figures(evidence),
    "## What was not measured",
    evidence.limits.map((limit) => `- ${limit}`).join("\n"),
    `---\nMade by the run \`${runId}\` from the commit alone: changes that are not committed are not in it.`,
    "",
  ].join("\n\n");
}

function verdict({ risk, votes: cast, dissent, abstained }: Grade): string {
  if (risk === null) return "**Not graded: no reviewer came to a vote.**";
  const agree = cast.length - dissent.length;
  const against = dissent.map((vote) => `${vote.viewpoint} says ${vote.risk}`).join(", ");
  const all = dissent.length === 0 && abstained === 0;
  const majority =
    agree * 2 > cast.length ? `${agree} of ${cast.length + abstained} reviewers` : "no majority, so the higher counts";
  const how = all ? `all ${cast.length} reviewers agree` : majority;
  const abstentions = abstained > 0 ? `; ${abstained} could not vote` : "";
  return `**Risk: ${risk}** (${how}${against && `; ${against}`}${abstentions}).`;
}

function subject({ commit, branch, auditedAt }: Repository, { history, code: measured }: Evidence): string {
  const parts = [
    commit === null
      ? "No commit yet"
      : `Commit \`${commit.slice(0, 12)}\`${branch === null ? "" : ` on ${code(branch)}`}`,
    `audited on ${auditedAt.slice(0, 10)}`,
  ];
  if (measured) {
    const lines = (kind: string): string => figure(measured.kinds[kind]?.lines ?? 0);
    parts.push(many(measured.files, "file"), `${lines("code")} lines of code, ${lines("test")} of tests`);
  }
  if (history?.shallow === true) parts.push("a shallow clone");
  else if (history && history.commits > 0)
    parts.push(`${many(history.commits, "commit")} by ${many(history.authorCount, "person", "people")}`);
  return `${parts.join(" · ")}.`;
}

function firstThings(findings: readonly Finding[]): string {
  if (findings.length === 0) return "Nothing: no rule found fault with what was measured.";
  const rows = findings
    .slice(0, FIRST)
    .map((found, index) => [String(index + 1), found.risk, plain(found.title), where(found), plain(found.action)]);
  const rest = findings.slice(FIRST).map((found) => `- ${found.risk}: ${plain(found.title)}. ${plain(found.action)}.`);
  const list = table(["#:", "risk", "found", "where", "what to do"], rows);
  return rest.length === 0 ? list : `${list}\n\nThen:\n\n${rest.join("\n")}`;
}

function where({ where: places, more }: Finding): string {
  return places.map(code).join("<br>") + (more > 0 ? `<br>and ${figure(more)} more` : "");
}

function votes({ votes: cast }: Grade): string {
  const rows = cast.map(({ viewpoint, risk, reasons }) => [
    viewpoint,
    `**${risk}**`,
    reasons.length === 0 ? "nothing found in its field" : reasons.map(plain).join("; "),
  ]);
  const rule =
    "One high finding or three medium ones make a vote high; one medium finding, or a blind spot, makes it medium. " +
    "Each reviewer looks at its own rules and takes some of them one class more seriously " +
    "(`examples/audit/agents/reviewers.ts`). The majority decides, of equals the higher risk.";
  return `${table(["reviewer", "vote", "because"], rows)}\n\n${rule}`;
}
