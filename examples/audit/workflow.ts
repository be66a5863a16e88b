/**
 * The audit as a workflow. Specialists read the repository side by side, an ordinary step puts together what they
 * found, three reviewers vote on it, another ordinary step counts, and a writer makes the report:
 *
 *     history ─────────┐
 *     code ┬─ tests ───┤
 *          └ knowledge ┤              ┌ maintainability ┐
 *     dependencies ────┼── evidence ──┼ supply-chain ───┼── grade ── report
 *     licences ────────┘              └ operations ─────┘
 *
 * Whoever needs them joins `settled`: a specialist or reviewer that fails is missing from the report, not the report
 * from the run.
 */
import { agent, workflow, type Settled, type View } from "tutti";
import { z } from "zod";
import { readDependencies } from "./agents/dependencies.ts";
import { readHistory } from "./agents/history.ts";
import { readKnowledge } from "./agents/knowledge.ts";
import { reviewer, type Heard } from "./agents/reviewers.ts";
import { readTests } from "./agents/tests.ts";
import { writeReport } from "./agents/writer.ts";
import { gather } from "./evidence.ts";
import { codeSchema, licencesSchema, repositorySchema, type Code, type Evidence } from "./findings.ts";
import { countVotes } from "./grade.ts";
import { program } from "./programs.ts";

const version = "1.0.0";

/** Reached as functions of this process. */
const historian = agent({ id: "historian", capabilities: ["history"], version, run: readHistory });
const archivist = agent({ id: "archivist", capabilities: ["authorship"], version, run: readKnowledge });
const buyer = agent({ id: "buyer", capabilities: ["dependencies"], version, run: readDependencies });
const tester = agent({ id: "tester", capabilities: ["tests", "ci"], version, run: readTests });
const maintainer = agent({ id: "maintainer", capabilities: ["review"], version, run: reviewer("maintainability") });
const guard = agent({ id: "guard", capabilities: ["review"], version, run: reviewer("supply chain") });
const operator = agent({ id: "operator", capabilities: ["review"], version, run: reviewer("operations") });
const writer = agent({ id: "writer", capabilities: ["writing"], version, run: writeReport });

/** Reached as programs: JSON on stdin, JSON on stdout. The workflow asks for them by what they can do. */
const surveyor = agent({
  id: "surveyor",
  capabilities: ["code-size", "hot-spots"],
  version,
  process: [process.execPath, program("code")],
});
const lawyer = agent({
  id: "lawyer",
  capabilities: ["licences"],
  version,
  process: [process.execPath, program("licences")],
});

/** The agents that the workflow names by capability; the others it brings along. */
export const team = [surveyor, lawyer];

const input = z.object({
  repository: repositorySchema,
  /** Where the report goes, absolute. */
  out: z.string(),
});

/** Two specialists build on what the code agent counted, and do what they can without. */
function codeIfCounted({ input: { repository }, needs }: View<z.infer<typeof input>, { code: Settled<Code> }>) {
  return { repository, code: needs.code.status === "completed" ? needs.code.output : null };
}

/** Not the figures: reviewers go by the findings, and by what nobody could measure. */
function whatReviewersHear({ needs: { evidence } }: { needs: { evidence: Evidence } }): Heard {
  return { findings: evidence.findings, missing: evidence.missing };
}

export const audit = workflow({ id: "audit", version: "1", input }, (w) => {
  const history = w.task("history", {
    agent: historian,
    input: ({ input: { repository } }) => ({ repository }),
  });
  const code = w.task("code", {
    agent: { capabilities: ["code-size", "hot-spots"], version: "^1.0.0" },
    input: ({ input: { repository } }) => ({ root: repository.root, commit: repository.commit }),
    output: codeSchema,
  });
  const dependencies = w.task("dependencies", {
    agent: buyer,
    input: ({ input: { repository } }) => ({ repository }),
  });
  const licences = w.task("licences", {
    agent: { capability: "licences", version: "^1.0.0" },
    input: ({ input: { repository } }) => ({ root: repository.root, commit: repository.commit }),
    output: licencesSchema,
  });
  const counted = { needs: { code }, join: "settled", input: codeIfCounted } as const;
  const tests = w.task("tests", { ...counted, agent: tester });
  const knowledge = w.task("knowledge", { ...counted, agent: archivist });
  const evidence = w.task("evidence", {
    needs: { history, code, knowledge, dependencies, tests, licences },
    join: "settled",
    run: ({ needs }) => gather(needs),
  });
  const review = { needs: { evidence }, input: whatReviewersHear };
  const maintainability = w.task("maintainability", { ...review, agent: maintainer });
  const supplyChain = w.task("supply-chain", { ...review, agent: guard });
  const operations = w.task("operations", { ...review, agent: operator });
  const grade = w.task("grade", {
    needs: { maintainability, supplyChain, operations },
    join: "settled",
    run: ({ needs }) =>
      countVotes(Object.values(needs).map((end) => (end.status === "completed" ? end.output : undefined))),
  });
  const report = w.task("report", {
    needs: { evidence, grade },
    agent: writer,
    input: ({ input: { repository, out }, needs }) => ({ repository, out, ...needs }),
  });
  return { grade, report };
});
