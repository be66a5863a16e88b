import { expect, test } from "vitest";
import type { Risk, Vote } from "./findings.ts";
import { countVotes } from "./grade.ts";

const viewpoints = ["maintainability", "supply chain", "operations"] as const;
const cast = (...risks: (Risk | undefined)[]): (Vote | undefined)[] =>
  risks.map((risk, i) => risk && { viewpoint: viewpoints[i] ?? "operations", risk, reasons: [] });

test.each([
  [["low", "low", "low"], "low"],
  [["low", "high", "low"], "low"],
  [["high", "medium", "medium"], "medium"],
  [["low", "medium", "high"], "high"],
  [["low", "medium", undefined], "medium"],
  [["high", undefined, undefined], "high"],
  [[undefined, undefined, undefined], null],
] as const)("votes %j make the grade %s", (risks, grade) => {
  expect(countVotes(cast(...risks)).risk).toBe(grade);
});

test("dissent and abstentions are kept", () => {
  const grade = countVotes(cast("low", undefined, "low"));
  expect(grade).toMatchObject({ dissent: [], abstained: 1 });
  expect(countVotes(cast("low", "high", "low")).dissent).toMatchObject([{ viewpoint: "supply chain", risk: "high" }]);
});
