/**
 * What outsiders depend on, pinned in surface.json: the names each subpath exports, the journal's event types, the
 * error codes and kinds. `npm run surface` writes the file; a name struck from it is a decision its diff shows.
 * Events, codes and kinds are only ever added: they lie in stores and in other people's handlers.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { CATALOGUE, ERROR_KINDS } from "../src/errors.ts";
import { ROOT, nodesOf, parse, readText } from "./house/source.ts";

interface Surface {
  readonly exports: Readonly<Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }>>;
  readonly events: readonly string[];
  readonly errorCodes: readonly string[];
  readonly errorKinds: readonly string[];
}

interface Subpath {
  readonly source: string;
  readonly types: string;
  readonly default: string;
}

const manifest = JSON.parse(readText("package.json")) as { exports: Record<string, Subpath>; name: string };
const pinned = existsSync(join(ROOT, "test/surface.json"))
  ? (JSON.parse(readText("test/surface.json")) as Surface)
  : { exports: {}, events: [], errorCodes: [], errorKinds: [] };

const subpaths = Object.entries(manifest.exports).map(
  ([path, target]) => [path.replace(/^\./, manifest.name), target] as const,
);

const current: Surface = {
  exports: Object.fromEntries(subpaths.map(([name, target]) => [name, exportsOf(target.source.replace("./", ""))])),
  events: membersOf("src/run/events.ts", "RunEvents"),
  errorCodes: Object.keys(CATALOGUE),
  errorKinds: ERROR_KINDS,
};

describe("surface", () => {
  test.each(["events", "errorCodes", "errorKinds"] as const)("%s are added, never renamed or removed", (list) => {
    expect(current[list].length).toBeGreaterThan(0);
    const lost = pinned[list].filter((name) => !current[list].includes(name));
    expect(lost, "stores and handlers out there know these names: bring them back").toEqual([]);
  });

  test("the exported names are the pinned ones", async () => {
    const kept = (list: "events" | "errorCodes" | "errorKinds"): string[] =>
      [...new Set([...pinned[list], ...current[list]])].sort();
    const surface: Surface = {
      exports: current.exports,
      events: kept("events"),
      errorCodes: kept("errorCodes"),
      errorKinds: kept("errorKinds"),
    };
    const text = `${JSON.stringify(surface, null, 2)}\n`;
    await expect(text, "the public surface changed; if you mean it: npm run surface").toMatchFileSnapshot(
      "surface.json",
    );
  });

  test.each(subpaths)("%s can be imported, and has the values its index.ts names", async (name) => {
    const loaded = (await import(/* @vite-ignore */ name)) as Record<string, unknown>;
    expect(Object.keys(loaded).sort()).toEqual(current.exports[name]?.values);
  });

  test.each(subpaths)("%s points at what the build makes of its source", (_name, target) => {
    const built = target.source.replace("./src/", "./dist/src/").replace(/\.ts$/, "");
    expect(target).toEqual({ source: target.source, types: `${built}.d.ts`, default: `${built}.js` });
    expect(Object.keys(target), "conditions are tried in order: default stands last").toEqual([
      "source",
      "types",
      "default",
    ]);
  });
});

/** The names of an index.ts. It only re-exports by name (tidy forbids `export *`), so reading it is enough. */
function exportsOf(path: string): { values: string[]; types: string[] } {
  const values: string[] = [];
  const types: string[] = [];
  for (const statement of parse(path, readText(path)).ast.statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause))
      throw new Error(
        `${path} holds more than \`export { names } from "./file.ts"\`: ${statement.getText().slice(0, 60)}`,
      );
    for (const element of statement.exportClause.elements)
      (statement.isTypeOnly || element.isTypeOnly ? types : values).push(element.name.text);
  }
  return { values: values.sort(), types: types.sort() };
}

function membersOf(path: string, name: string): string[] {
  for (const node of nodesOf(parse(path, readText(path)).ast))
    if (ts.isInterfaceDeclaration(node) && node.name.text === name)
      return node.members.flatMap((member) => (member.name && ts.isStringLiteral(member.name) ? member.name.text : []));
  throw new Error(`${path} has no interface ${name}`);
}
