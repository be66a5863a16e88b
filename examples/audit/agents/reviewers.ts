/**
 * Three reviewers, each with its own viewpoint. A vote follows from the findings by rules that anyone can check:
 *
 * - a reviewer looks only at its own rules, and takes those marked `higher` one class more seriously;
 * - one high finding, or three medium ones, make the vote high;
 * - one medium finding, or something in its field that could not be measured, makes it medium; else it is low.
 */
import {
  RISKS,
  type Evidence,
  type Field,
  type Finding,
  type Risk,
  type Rule,
  type Viewpoint,
  type Vote,
} from "../findings.ts";

interface View {
  /** What it must have measured before it can say "low". */
  readonly fields: readonly Field[];
  readonly rules: Readonly<Partial<Record<Rule, "as found" | "higher">>>;
}

const VIEWS: Readonly<Record<Viewpoint, View>> = {
  maintainability: {
    fields: ["history", "code", "knowledge", "tests"],
    rules: {
      dormant: "as found",
      "few-hands": "as found",
      "orphaned-code": "as found",
      "hot-spot": "higher",
      "giant-file": "higher",
      "no-tests": "as found",
      "few-tests": "as found",
      "untested-file": "as found",
      "duplicate-versions": "as found",
    },
  },
  "supply chain": {
    fields: ["dependencies", "licences"],
    rules: {
      "no-lock": "as found",
      "stale-lock": "as found",
      "open-range": "higher",
      "foreign-source": "higher",
      "no-integrity": "higher",
      "install-script": "as found",
      "unpinned-action": "higher",
      vendored: "as found",
      "secret-file": "as found",
      "no-licence": "as found",
      "licence-mismatch": "as found",
      "copyleft-dependency": "as found",
      "unknown-licence": "as found",
    },
  },
  operations: {
    fields: ["history", "dependencies", "tests"],
    rules: {
      "no-ci": "higher",
      "no-test-command": "as found",
      "no-tests": "as found",
      "no-lock": "as found",
      "stale-lock": "as found",
      "secret-file": "as found",
      "large-blob": "higher",
      unreleased: "higher",
      dormant: "as found",
      "few-hands": "as found",
    },
  },
};

/** What a reviewer goes by. */
export type Heard = Pick<Evidence, "findings" | "missing">;

/** The reviewer with this viewpoint, as an agent's function. */
export function reviewer(viewpoint: Viewpoint): (heard: Heard) => Vote {
  return (heard) => vote(viewpoint, heard);
}

function vote(viewpoint: Viewpoint, { findings, missing }: Heard): Vote {
  const { fields, rules } = VIEWS[viewpoint];
  const weighed = findings.flatMap((found) => {
    const weight = rules[found.rule];
    return weight === undefined ? [] : [{ title: found.title, risk: weigh(found, weight) }];
  });
  const titles = (risk: Risk): string[] => weighed.filter((found) => found.risk === risk).map(({ title }) => title);
  const [high, medium] = [titles("high"), titles("medium")];
  const blind = fields.filter((field) => missing.includes(field)).map((field) => `${field} could not be measured`);
  if (high.length > 0) return { viewpoint, risk: "high", reasons: high };
  if (medium.length >= 3) return { viewpoint, risk: "high", reasons: medium };
  if (medium.length + blind.length > 0) return { viewpoint, risk: "medium", reasons: [...medium, ...blind] };
  return { viewpoint, risk: "low", reasons: titles("low") };
}

function weigh({ risk }: Finding, weight: "as found" | "higher"): Risk {
  return weight === "as found" ? risk : (RISKS[RISKS.indexOf(risk) + 1] ?? "high");
}
