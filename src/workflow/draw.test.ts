import { describe, expect, test } from "vitest";
import { verifies } from "../../test/verifies.ts";
import type { WorkflowDefinition } from "./definition.ts";
import { describeDefinition, drawDot, drawMermaid, drawText } from "./draw.ts";
import { validate } from "./validate.ts";

const uses = { uses: "./steps.mjs#run" };

function defined(steps: Record<string, object>, more: object = {}): WorkflowDefinition {
  const kinds = Object.entries(steps).map(([id, step]) => [id, { kind: "task", run: uses, ...step }]);
  const { definition, problems } = validate({
    tutti: "1",
    id: "w",
    version: "1",
    steps: Object.fromEntries(kinds),
    ...more,
  });
  expect(problems).toEqual([]);
  return definition as WorkflowDefinition;
}

const after = (...ids: string[]) => ({ needs: Object.fromEntries(ids.map((id) => [id, id])) });

const routed = defined({
  fetch: {},
  price: { ...after("fetch"), run: undefined, agent: { id: "pricer" } },
  size: { ...after("fetch"), when: "needs.fetch.items.size() > 10" },
  route: {
    kind: "choose",
    run: undefined,
    ...after("price"),
    by: "needs.price.ok ? 'yes' : 'no'",
    branches: {
      yes: { steps: { ship: { kind: "task", run: uses } } },
      no: { steps: { tell: { kind: "task", run: uses } } },
    },
  },
  report: { ...after("size", "route"), join: "any", rest: "cancel" },
});

describe("what there is to know before a run", () => {
  test("the steps, the widest level and the longest path", () => {
    expect(describeDefinition(routed)).toEqual({
      steps: 7,
      agents: 0,
      widest: 2,
      longestPath: ["fetch", "price", "route", "report"],
    });
  });

  test("in time, where every step says how long it takes", () => {
    const timed = defined({ a: { estimateMs: 10 }, b: { estimateMs: 500 }, c: { estimateMs: 5, ...after("a") } });
    expect(describeDefinition(timed)).toMatchObject({ longestPath: ["b"], longestMs: 500 });
  });
});

test("a drawing in lines shows what may run side by side, and the longest path", verifies("001-F107"), () => {
  expect(drawText(routed).split("\n")).toEqual([
    "w 1: 7 steps, 0 agents of its own",
    "side by side: at most 2",
    "longest path: fetch → price → route → report (4 steps)",
    "",
    "1.",
    "   fetch  (./steps.mjs#run)",
    "2. 2 side by side",
    "   price  (agent pricer; after fetch)",
    "   size  (./steps.mjs#run; when needs.fetch.items.size() > 10; after fetch)",
    "3.",
    "   route  (chooses by needs.price.ok ? 'yes' : 'no'; after price)",
    "      no:",
    "         1.",
    "            tell  (./steps.mjs#run)",
    "      yes:",
    "         1.",
    "            ship  (./steps.mjs#run)",
    "4.",
    "   report  (./steps.mjs#run; join any, cancels the rest; after route, size)",
    "",
  ]);
});

test("a Mermaid drawing has branches as subgraphs, choices as diamonds, and joins that need not all dashed", () => {
  expect(drawMermaid(routed).split("\n")).toEqual([
    "flowchart TD",
    '  n0["fetch<br/>./steps.mjs#35;run"]',
    '  n1["price<br/>agent pricer"]',
    '  n2["size<br/>./steps.mjs#35;run<br/>when needs.fetch.items.size() #62; 10"]',
    `  n3{"route<br/>chooses by needs.price.ok ? 'yes' : 'no'"}`,
    '  n4["report<br/>./steps.mjs#35;run<br/>join any, cancels the rest"]',
    '  subgraph s0["no"]',
    '    n5["tell<br/>./steps.mjs#35;run"]',
    "  end",
    '  subgraph s1["yes"]',
    '    n6["ship<br/>./steps.mjs#35;run"]',
    "  end",
    "  n0 --> n1",
    "  n0 --> n2",
    "  n1 --> n3",
    '  n3 -->|"no"| n5',
    '  n3 -->|"yes"| n6',
    "  n3 -.-> n4",
    "  n2 -.-> n4",
    "",
  ]);
});

test("a DOT drawing has them as clusters, and what may run side by side on one rank", () => {
  const lines = drawDot(routed).split("\n");
  expect(lines).toContain("  { rank=same; n1; n2; }");
  expect(lines).toContain("  subgraph cluster_0 {");
  expect(lines).toContain("  n2 -> n4 [style=dashed];");
  expect(lines).toContain(`  n3 [label="route\\nchooses by needs.price.ok ? 'yes' : 'no'", shape=diamond];`);
});

describe("nothing that was written breaks out of a drawing", () => {
  const hostile = [
    `'"]; end; n9["' == input.x`,
    "'\\\\\\\\\"' == '`</span><script>alert(1)</script>`'",
    "'\u001b[31m\u202e' != '%%{init: {}}%%'",
    "'a' ==\n'b' // -->|x| n1",
  ].map((when) => drawn(when));

  function drawn(when: string): WorkflowDefinition {
    return defined({ end: { when }, subgraph: { ...after("end"), run: { uses: `./a"]b\\.mjs#x` } } });
  }

  test.each(hostile)("in Mermaid", (definition) => {
    const label = String.raw`"(?:[\p{L}\p{N} _.,:/=+()?!'…-]|#\d+;|<br/>)*"`;
    const line = new RegExp(String.raw`^(?:flowchart TD|  n\d\[${label}\]|  n\d --> n\d|)$`, "u");
    for (const text of drawMermaid(definition).split("\n")) expect(text).toMatch(line);
  });

  test.each(hostile)("in DOT", (definition) => {
    const text = String.raw`"(?:[^"\\\p{C}]|\\["\\n])*"`;
    const line = new RegExp(
      String.raw`^(?:digraph ${text} \{|  node \[.*\];|  n\d \[label=${text}\];|  n\d -> n\d;|\}|)$`,
      "u",
    );
    for (const written of drawDot(definition).split("\n")) expect(written).toMatch(line);
  });

  test.each(hostile)("on a terminal", (definition) => {
    for (const line of drawText(definition).split("\n")) expect(line).not.toMatch(/\p{C}/u);
  });
});
