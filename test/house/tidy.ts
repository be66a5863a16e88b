/** What tidy.test.ts reads from one source file, as sentences: sizes, and things that may not be written. */
import ts from "typescript";
import { readsAsTest, lineOf, nodesOf, type Source } from "./source.ts";

const LIMITS = { fileLines: 300, testLines: 400, functionLines: 70, parameters: 4 };

export interface Measure {
  /** `src/run/decide.ts`, `src/run/decide.ts decide`, `src/run/decide.ts decide()`. */
  readonly name: string;
  readonly size: number;
  readonly limit: number;
  readonly unit: string;
}

/** Every size that has a limit: the file's lines, each function's lines, each function's positional parameters. */
export function measuresOf(source: Source): Measure[] {
  const test = readsAsTest(source.path);
  const lines = source.text.trimEnd().split("\n").length;
  const fileLimit = test ? LIMITS.testLines : LIMITS.fileLines;
  const measures: Measure[] = [{ name: source.path, size: lines, limit: fileLimit, unit: "lines" }];
  if (test) return measures;
  for (const node of nodesOf(source.ast)) {
    if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) continue;
    const name = `${source.path} ${nameOf(node)}`;
    const size = lineAt(source.ast, node.end) - lineOf(source.ast, node) + 1;
    measures.push({ name, size, limit: LIMITS.functionLines, unit: "lines" });
    measures.push({ name: `${name}()`, size: node.parameters.length, limit: LIMITS.parameters, unit: "parameters" });
  }
  return measures;
}

function nameOf(node: ts.SignatureDeclaration): string {
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isConstructorDeclaration(at)) return "constructor";
    if ("name" in at && at.name) return (at.name as ts.Node).getText();
  }
  return "(no name)";
}

function lineAt(ast: ts.SourceFile, position: number): number {
  return ast.getLineAndCharacterOfPosition(position).line + 1;
}

type Where = (path: string) => boolean;
const product: Where = (path) => /^(src|dashboard)\//.test(path) && !readsAsTest(path);
const ours: Where = (path) => !path.startsWith("scripts/") && !readsAsTest(path);
const inHost: Where = (path) => path.startsWith("src/host/");
const std =
  (...names: string[]): Where =>
  (path) =>
    names.some((name) => path === `src/std/${name}.ts`) || inHost(path);

const CLOCK = "take a Clock (std/clock.ts)";
const CODE = "code is named, never built from text";

/** Written → what to write instead; where it is looked for, and where it is at home. */
const BANNED: readonly { text: string; instead: string; in: Where; except?: Where }[] = [
  { text: "Date.now", instead: CLOCK, in: product, except: std("clock") },
  { text: "new Date()", instead: CLOCK, in: product, except: std("clock") },
  { text: "performance.now", instead: CLOCK, in: product, except: std("clock") },
  { text: "process.hrtime", instead: CLOCK, in: product, except: std("clock") },
  { text: "setTimeout", instead: CLOCK, in: product, except: std("clock") },
  { text: "setInterval", instead: CLOCK, in: product, except: std("clock") },
  { text: "setImmediate", instead: CLOCK, in: product, except: std("clock") },
  { text: "Math.random", instead: "take a Random (std/random.ts)", in: product, except: std("random") },
  { text: "getRandomValues", instead: "take a Random (std/random.ts)", in: product, except: std("random") },
  { text: "randomUUID", instead: "take Ids (std/ids.ts)", in: product, except: std("ids") },
  { text: "process.env", instead: "the host reads the environment; take the value", in: product, except: inHost },
  { text: "eval", instead: CODE, in: () => true },
  { text: "Function", instead: CODE, in: () => true },
  {
    text: "console",
    instead: "take a log, or emit an event",
    in: ours,
    except: (path) => /^(src\/cli|examples|bench)\//.test(path),
  },
];
const EXCEPT_HOME = new Map(BANNED.map((banned) => [banned.text, banned]));
const LINT_OFF = /(oxlint|eslint)-(disable|enable)|@ts-(ignore|nocheck)|(v8|c8|istanbul) ignore/;

/** What may not be written at all, each with its line and what to write instead. */
export function forbiddenIn(source: Source): string[] {
  const found: string[] = [];
  const tell = (node: ts.Node, what: string): number =>
    found.push(`${source.path}:${lineOf(source.ast, node)} ${what}`);
  for (const node of nodesOf(source.ast)) {
    const banned = EXCEPT_HOME.get(globalIn(node) ?? "");
    if (banned?.in(source.path) && !banned.except?.(source.path)) tell(node, `${banned.text}: ${banned.instead}`);
    if (ts.isExportDeclaration(node) && !node.exportClause) tell(node, "export *: name what is exported");
    if (!source.path.endsWith(".config.ts") && isDefaultExport(node)) tell(node, "a default export: give it a name");
  }
  source.text.split("\n").forEach((line, index) => {
    const word = /\bFIX(?:ME)\b/.exec(line)?.[0] ?? (readsAsTest(source.path) ? undefined : LINT_OFF.exec(line)?.[0]);
    if (word) found.push(`${source.path}:${index + 1} ${word}: mend it instead`);
  });
  return found;
}

/** The banned text a node may be: a global called or passed on, not somebody's own member or variable name. */
function globalIn(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && !node.arguments?.length) return "new Date()";
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/^globalThis\./, "");
    if (EXCEPT_HOME.has(text)) return text;
    return /^(crypto|webcrypto)\./.test(text) ? node.name.text : undefined;
  }
  if (!ts.isIdentifier(node)) return undefined;
  const { parent } = node;
  const named = "name" in parent && parent.name === node;
  // An import of it is a use of it, also under another name.
  if (ts.isImportSpecifier(parent)) return (parent.propertyName ?? parent.name) === node ? node.text : undefined;
  if (named || ts.isTypeNode(parent) || ts.isTypeOfExpression(parent)) return undefined;
  return node.text;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) ?? false)
  );
}
