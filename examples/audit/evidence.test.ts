import { expect, test } from "vitest";
import { gather, type End } from "./evidence.ts";
import { finding } from "./findings.ts";
import { everything } from "./testing/evidence.ts";

type Ends = Parameters<typeof gather>[0];

function ends(changed: Partial<Ends> = {}): Ends {
  const done = <T>(output: T | null): End<T> =>
    output === null ? { status: "cancelled", reason: "never" } : { status: "completed", output };
  const { history, code, knowledge, dependencies, tests, licences } = everything;
  const all = {
    history: done(history),
    code: done(code),
    knowledge: done(knowledge),
    dependencies: done(dependencies),
    tests: done(tests),
    licences: done(licences),
  };
  return { ...all, ...changed };
}

test("findings of all specialists stand highest risk first, limits in their order", () => {
  const { history, licences } = everything;
  if (history === null || licences === null) throw new Error("the sample is whole");
  const low = finding("unreleased", "low", { title: "a", action: "" });
  const high = finding("copyleft-dependency", "high", { title: "b", action: "" });
  const evidence = gather(
    ends({
      history: { status: "completed", output: { ...history, findings: [low], limits: ["one"] } },
      licences: { status: "completed", output: { ...licences, findings: [high], limits: ["two"] } },
    }),
  );
  expect(evidence.findings).toEqual([high, low]);
  expect(evidence.limits).toEqual(["one", "two"]);
});

test("a specialist that failed, or never began, is missing with its reason, and the others count", () => {
  const evidence = gather(
    ends({
      code: { status: "failed", error: { message: "git log: gave no answer within 120 s" } },
      tests: { status: "skipped", reason: "upstream_failed" },
    }),
  );
  expect(evidence).toMatchObject({ code: null, tests: null, history: everything.history });
  expect(evidence.limits).toEqual([
    "**The code could not be measured**: git log: gave no answer within 120 s",
    "**The tests could not be measured**: upstream failed",
  ]);
  expect(evidence.missing).toEqual(["code", "tests"]);
});
