/** Which test cites which requirement, read from the sources: `test("claim", verifies("000-F034"), …)`. */
import ts from "typescript";
import { SOURCES, isTest, lineOf, nodesOf, type Source } from "./source.ts";

export interface Citation {
  readonly id: string;
  readonly path: string;
  readonly title: string;
}

export interface Citations {
  /** Of tests that run: a skipped one proves nothing. */
  readonly counted: readonly Citation[];
  /** Where `verifies` is used in a way that cannot be read. */
  readonly problems: readonly string[];
}

/** All of `npm test`; the long programmes are proved by their short forms. */
export function citations(): Citations {
  const found = SOURCES.filter((source) => isTest(source.path) && !source.path.startsWith("test/long/")).map(
    citationsIn,
  );
  return { counted: found.flatMap((each) => each.counted), problems: found.flatMap((each) => each.problems) };
}

export function citationsIn(source: Source): Citations {
  const counted: Citation[] = [];
  const problems: string[] = [];
  for (const node of nodesOf(source.ast)) {
    if (!ts.isCallExpression(node) || node.expression.getText() !== "verifies") continue;
    const where = `${source.path}:${lineOf(source.ast, node)}`;
    const test = testAround(node);
    const title = test?.arguments[0];
    if (!test || !title || !ts.isStringLiteralLike(title)) {
      problems.push(`${where} verifies(…) stands in the arguments of a test("…") whose title is a literal`);
      continue;
    }
    for (const id of node.arguments) {
      if (!ts.isStringLiteralLike(id)) problems.push(`${where} an id is written as a literal`);
      else if (!isSkipped(test)) counted.push({ id: id.text, path: source.path, title: title.text });
    }
  }
  return { counted, problems };
}

function testAround(node: ts.Node): ts.CallExpression | undefined {
  for (let at = node.parent; !ts.isSourceFile(at) && !ts.isFunctionLike(at); at = at.parent)
    if (ts.isCallExpression(at) && /^(test|it)\b/.test(at.expression.getText())) return at;
  return undefined;
}

/** `test.skip`, `test.todo`, or inside `describe.skip`. What is skipped by a condition is known only to the run. */
function isSkipped(test: ts.CallExpression): boolean {
  for (let at: ts.Node = test; !ts.isSourceFile(at); at = at.parent)
    if (ts.isCallExpression(at) && /^(test|it|describe)\b.*\.(skip|todo)\b/s.test(at.expression.getText())) return true;
  return false;
}
