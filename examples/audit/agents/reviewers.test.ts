import { describe, expect, test } from "vitest";
import { finding, type Field, type Finding, type Viewpoint, type Vote } from "../findings.ts";
import { reviewer } from "./reviewers.ts";

function vote(viewpoint: Viewpoint, findings: readonly Finding[], missing: readonly Field[] = []): Vote {
  return reviewer(viewpoint)({ findings, missing });
}

const noCi = finding("no-ci", "medium", { title: "no CI", action: "" });
const noLock = finding("no-lock", "high", { title: "no lock", action: "" });
const action = (n: number): Finding => finding("install-script", "medium", { title: `script ${n}`, action: "" });

describe("a reviewer", () => {
  test("votes low with nothing in its field, whatever others find in theirs", () => {
    expect(vote("maintainability", [noLock, noCi])).toEqual({
      viewpoint: "maintainability",
      risk: "low",
      reasons: [],
    });
  });

  test("votes high at one high finding, and says which", () => {
    expect(vote("supply chain", [noLock, action(1)])).toMatchObject({ risk: "high", reasons: ["no lock"] });
  });

  test("takes its own matters one class more seriously than they were found", () => {
    expect(vote("operations", [noCi])).toMatchObject({ risk: "high", reasons: ["no CI"] });
  });

  test("votes high at three medium findings, medium at fewer", () => {
    expect(vote("supply chain", [action(1), action(2)])).toMatchObject({ risk: "medium" });
    expect(vote("supply chain", [action(1), action(2), action(3)])).toMatchObject({ risk: "high" });
  });

  test("names what spoke for a low vote too", () => {
    const low = finding("duplicate-versions", "low", { title: "twice", action: "" });
    expect(vote("maintainability", [low])).toMatchObject({ risk: "low", reasons: ["twice"] });
  });

  test("does not call safe what could not be measured", () => {
    expect(vote("operations", [], ["history"])).toMatchObject({
      risk: "medium",
      reasons: ["history could not be measured"],
    });
  });
});
