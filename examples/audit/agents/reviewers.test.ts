import { describe, expect, test } from "vitest";
import { finding, type Evidence, type Finding, type Viewpoint, type Vote } from "../findings.ts";
import { everything } from "../testing/evidence.ts";
import { reviewer } from "./reviewers.ts";

function vote(viewpoint: Viewpoint, findings: readonly Finding[], evidence: Partial<Evidence> = {}): Promise<Vote> {
  return reviewer(viewpoint)({ evidence: { ...everything, ...evidence, findings } });
}

const noCi = finding("no-ci", "medium", "no CI", "");
const noLock = finding("no-lock", "high", "no lock", "");
const action = (n: number): Finding => finding("install-script", "medium", `script ${n}`, "");

describe("a reviewer", () => {
  test("votes low with nothing in its field, whatever others find in theirs", async () => {
    expect(await vote("maintainability", [noLock, noCi])).toEqual({
      viewpoint: "maintainability",
      risk: "low",
      reasons: [],
    });
  });

  test("votes high at one high finding, and says which", async () => {
    expect(await vote("supply chain", [noLock, action(1)])).toMatchObject({ risk: "high", reasons: ["no lock"] });
  });

  test("takes its own matters one class more seriously than they were found", async () => {
    expect(await vote("operations", [noCi])).toMatchObject({ risk: "high", reasons: ["no CI"] });
  });

  test("votes high at three medium findings, medium at fewer", async () => {
    expect(await vote("supply chain", [action(1), action(2)])).toMatchObject({ risk: "medium" });
    expect(await vote("supply chain", [action(1), action(2), action(3)])).toMatchObject({ risk: "high" });
  });

  test("names what spoke for a low vote too", async () => {
    const low = finding("duplicate-versions", "low", "twice", "");
    expect(await vote("maintainability", [low])).toMatchObject({ risk: "low", reasons: ["twice"] });
  });

  test("does not call safe what could not be measured", async () => {
    expect(await vote("operations", [], { history: null })).toMatchObject({
      risk: "medium",
      reasons: ["history could not be measured"],
    });
  });
});
