/** The repository as the house tests see it: every source file, parsed once. */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const FOLDERS = ["src", "dashboard", "examples", "bench", "scripts", "test"];
const SOURCE = /\.(ts|tsx|mts|mjs|js)$/;

export interface Import {
  /** As written: `../std/json.ts`, `node:fs`, `zod`. Undefined when it is computed. */
  readonly specifier: string | undefined;
  /** The file it names, from the root, for relative ones. */
  readonly target: string | undefined;
  readonly kind: "static" | "dynamic" | "type";
  readonly line: number;
}

export interface Source {
  /** From the root: `src/std/json.ts`. */
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Every file below a folder, from the root, in a fixed order. None if the folder does not exist (yet). */
export function filesIn(folder: string): string[] {
  try {
    return readdirSync(join(ROOT, folder), { withFileTypes: true })
      .flatMap((entry) => {
        if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
        const path = posix.join(folder, entry.name);
        return entry.isDirectory() ? filesIn(path) : [path];
      })
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export const SOURCES: readonly Source[] = FOLDERS.flatMap(filesIn)
  .filter((path) => SOURCE.test(path))
  .map((path) => {
    const text = readText(path);
    return parse(path, text);
  });

export function parse(path: string, text: string): Source {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, ast, imports: importsOf(path, ast) };
}

export function isTest(path: string): boolean {
  return path.startsWith("test/") || /\.test\.tsx?$/.test(path);
}

/** A port's contract suite is published, so it obeys the layers; in size and manners it is a test. */
export function readsAsTest(path: string): boolean {
  return isTest(path) || path.endsWith("/contract.ts");
}

export function lineOf(ast: ts.SourceFile, node: ts.Node): number {
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1;
}

/** Every node of a file, parents first; iterative, so that no source can be too deep. */
export function* nodesOf(ast: ts.SourceFile): Generator<ts.Node> {
  const open: ts.Node[] = [ast];
  for (let node = open.pop(); node; node = open.pop()) {
    yield node;
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => {
      children.push(child);
    });
    open.push(...children.reverse());
  }
}

function importsOf(path: string, ast: ts.SourceFile): Import[] {
  const found: Import[] = [];
  for (const node of nodesOf(ast)) {
    const [kind, from] = importIn(node);
    if (!kind) continue;
    const specifier = from && ts.isStringLiteralLike(from) ? from.text : undefined;
    const target = specifier?.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined;
    found.push({ specifier, target, kind, line: lineOf(ast, node) });
  }
  return found;
}

function importIn(node: ts.Node): [Import["kind"] | undefined, (ts.Node | undefined)?] {
  if (ts.isImportDeclaration(node)) {
    const clause = node.importClause;
    return [clause && isTypeOnly(clause) ? "type" : "static", node.moduleSpecifier];
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier)
    return [node.isTypeOnly ? "type" : "static", node.moduleSpecifier];
  if (ts.isImportTypeNode(node))
    return ["type", ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return ["dynamic", node.arguments[0]];
  return [undefined];
}

function isTypeOnly(clause: ts.ImportClause): boolean {
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    !clause.name &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  );
}
