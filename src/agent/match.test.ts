import { describe, expect, test } from "vitest";
import type { AgentCard } from "./card.ts";
import { describeSelector, matches } from "./match.ts";

const card: AgentCard = {
  id: "cfo",
  capabilities: ["finance", "tax"],
  version: "1.4.2",
  tags: ["eu", "fast"],
  maxConcurrency: 1,
  executor: "function",
};

describe("by id", () => {
  test("only the agent of that id fits, in the range that is asked", () => {
    expect(matches({ id: "cfo" }, card)).toBe(true);
    expect(matches({ id: "ceo" }, card)).toBe(false);
    expect(matches({ id: "cfo", version: "^1.4" }, card)).toBe(true);
    expect(matches({ id: "cfo", version: "^2" }, card)).toBe(false);
  });
});

describe("by capability", () => {
  test("all of them are needed, any of them on request", () => {
    expect(matches({ capabilities: ["finance", "tax"] }, card)).toBe(true);
    expect(matches({ capabilities: ["finance", "law"] }, card)).toBe(false);
    expect(matches({ capabilities: ["finance", "law"], any: true }, card)).toBe(true);
    expect(matches({ capabilities: ["law"], any: true }, card)).toBe(false);
  });

  test.each([
    ["1.4.2", true],
    [">=1.4.0", true],
    ["^1.0", true],
    ["~1.3", false],
    [">=2", false],
    ["1.x || 3.x", true],
  ])("the version range %s fits: %s", (version, fits) => {
    expect(matches({ capabilities: ["finance"], version }, card)).toBe(fits);
  });

  test("an agent without a version of its own fits no range that starts above 0.0.0", () => {
    const unversioned = { ...card, version: "0.0.0" };
    expect(matches({ capabilities: ["tax"] }, unversioned)).toBe(true);
    expect(matches({ capabilities: ["tax"], version: "^1" }, unversioned)).toBe(false);
  });

  test("all tags are needed, even where any capability will do", () => {
    expect(matches({ capabilities: ["tax"], tags: ["eu", "fast"] }, card)).toBe(true);
    expect(matches({ capabilities: ["tax", "law"], any: true, tags: ["us"] }, card)).toBe(false);
  });
});

test("a selector is told in words", () => {
  expect(describeSelector({ id: "cmo", version: "^1" })).toBe("cmo@^1");
  expect(describeSelector({ capabilities: ["finance", "tax"], tags: ["eu"] })).toBe("finance + tax, tagged eu");
  expect(describeSelector({ capabilities: ["finance", "tax"], any: true })).toBe("finance or tax");
});
