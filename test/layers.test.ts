/** Who may import whom: the table of house/layers.ts against every import there is. No comment can switch this off. */
import { isBuiltin } from "node:module";
import { describe, expect, test } from "vitest";
import { GUARDED_NODE, LAYERS, NO_NODE, PACKAGES, zoneOf } from "./house/layers.ts";
import { SOURCES, isTest, parse, type Import, type Source } from "./house/source.ts";

const HELD = ["src/", "dashboard/", "examples/", "bench/"];
const files = SOURCES.filter((source) => HELD.some((folder) => source.path.startsWith(folder)));
const product = files.filter((source) => !isTest(source.path));

describe("layers", () => {
  test("every folder has its row in the table", () => {
    const rows = new Set(files.map((source) => zoneOf(source.path).row));
    const unknown = [...rows].filter((row) => !LAYERS[row]);
    expect(unknown, "a new folder: give it its row in test/house/layers.ts (DESIGN section 2)").toEqual([]);
  });

  test("every import points down", () => {
    expect(files.flatMap(problemsOf)).toEqual([]);
  });

  test("no file imports itself, by however long a way", () => {
    expect(cyclesOf(new Map(product.map((source) => [source.path, targetsOf(source)])))).toEqual([]);
  });

  // The rules themselves, each against an import that breaks it: a table that lets these through holds nothing.
  test.each([
    ["src/run/decide.ts", `import { engine } from "../engine/engine.ts";`, "run may not import engine"],
    ["src/workflow/build.ts", `import type { Run } from "../run/state.ts";`, "workflow may not import run"],
    ["src/std/json.ts", `export { a } from "../errors.ts";`, "std may not import errors"],
    ["src/store/sqlite/rows.ts", `import { a } from "../memory/rows.ts";`, "store/sqlite may not import store/memory"],
    ["src/store/port.ts", `import { a } from "./sqlite/rows.ts";`, "store may not import store/sqlite"],
    ["src/store/sqlite/rows.ts", `const a = import("../../engine/engine.ts");`, "store/sqlite may not import engine"],
    ["src/run/decide.ts", `import { join } from "node:path";`, "run runs in a browser"],
    ["src/engine/engine.ts", `import { spawn } from "node:child_process";`, "only host may import node:child_process"],
    ["src/engine/engine.ts", `import { readFile } from "fs/promises";`, "only host may import node:fs/promises"],
    [
      "src/engine/engine.ts",
      `type A = import("@photostructure/sqlite").DatabaseSync;`,
      "only store/*, bench may import",
    ],
    ["src/engine/engine.ts", `import lodash from "lodash";`, "lodash is not in PACKAGES"],
    ["src/engine/engine.ts", `import { a } from "../testing/index.ts";`, "index.ts is for users"],
    ["src/engine/engine.ts", `import { a } from "tutti";`, "only examples, bench may import tutti"],
    ["src/engine/engine.ts", `const a = import(name);`, "only host loads modules"],
    ["src/engine/engine.ts", `import { verifies } from "../../test/verifies.ts";`, "engine may not import test"],
    ["src/engine/engine.ts", `import { a } from "./engine.test.ts";`, "a test is imported by nobody"],
    ["src/orchestrator.ts", `import { a } from "./store/sqlite/rows.ts";`, "adapters are loaded by import()"],
    ["examples/audit/main.ts", `import { a } from "../../src/index.ts";`, "examples may not import index"],
  ])("in %s the line %s is refused: %s", (path, text, problem) => {
    expect(problemsOf(parse(path, text)).join("\n")).toContain(problem);
  });

  test.each([
    ["src/run/decide.ts", `import { a } from "../workflow/graph.ts";`],
    ["src/orchestrator.ts", `const a = import("./store/sqlite/rows.ts");`],
    ["src/orchestrator.ts", `import type { A } from "./store/sqlite/rows.ts";`],
    ["src/run/decide.test.ts", `import { verifies } from "../../test/verifies.ts"; import fc from "fast-check";`],
    ["examples/audit/main.ts", `import { workflow } from "tutti"; import { execFile } from "node:child_process";`],
  ])("in %s the line %s is welcome", (path, text) => {
    expect(problemsOf(parse(path, text))).toEqual([]);
  });

  test("a cycle is found and told as a path", () => {
    const graph = { a: ["b"], b: ["c"], c: ["b", "d"], d: [] };
    expect(cyclesOf(new Map(Object.entries(graph)))).toEqual(["b → c → b"]);
  });
});

function problemsOf(source: Source): string[] {
  return source.imports.flatMap((found) => {
    const problem = found.specifier === undefined ? computedProblem(source) : problemOf(source, found, found.specifier);
    return problem === undefined ? [] : [`${source.path}:${found.line} ${problem}`];
  });
}

function computedProblem(source: Source): string | undefined {
  const { zone } = zoneOf(source.path);
  if (isTest(source.path) || zone === "host" || zone === "examples") return undefined;
  return "import() of a computed name: only host loads modules";
}

function problemOf(source: Source, found: Import, specifier: string): string | undefined {
  if (found.target !== undefined) return fileProblem(source, found, found.target);
  if (isTest(source.path)) return undefined;
  return isBuiltin(specifier)
    ? nodeProblem(source, specifier.replace(/^(node:)?/, "node:"))
    : packageProblem(source, specifier);
}

function fileProblem(source: Source, found: Import, target: string): string | undefined {
  const from = zoneOf(source.path);
  const to = zoneOf(target);
  if (/(^|\/)index\.ts$/.test(target) && target.startsWith("src/") && from.zone.match(/^(examples|bench)$/) === null)
    return `imports ${target}: index.ts is for users; import the file that makes the thing`;
  if (/\.test\.tsx?$/.test(target)) return `imports ${target}: a test is imported by nobody`;
  if (isTest(source.path) || from.zone === to.zone) return undefined;
  if (!LAYERS[from.row]?.includes(to.row))
    return `${from.zone} may not import ${to.zone} (${target}); it may import ${LAYERS[from.row]?.join(", ") || "nothing"}`;
  if (from.zone === "orchestrator" && to.row.endsWith("/*") && found.kind === "static")
    return `imports ${target}: adapters are loaded by import(), when they are asked for`;
  return undefined;
}

function nodeProblem(source: Source, name: string): string | undefined {
  const { zone } = zoneOf(source.path);
  if (zone === "examples" || zone === "bench") return undefined;
  if (NO_NODE.includes(zone)) return `imports ${name}: ${zone} runs in a browser too`;
  const allowed = GUARDED_NODE[name];
  return !allowed || allowed.includes(zone) ? undefined : `only ${allowed.join(", ") || "nobody"} may import ${name}`;
}

function packageProblem(source: Source, specifier: string): string | undefined {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const allowed = PACKAGES[name];
  if (!allowed) return `${name} is not in PACKAGES of test/house/layers.ts: add it there with the folders that need it`;
  return allowed.includes(zoneOf(source.path).row) ? undefined : `only ${allowed.join(", ")} may import ${name}`;
}

function targetsOf(source: Source): string[] {
  return source.imports.flatMap((found) => found.target ?? []);
}

/** One path per group of files that reach one another. Iterative: peel off what has no way out, then walk. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Map([...graph].map(([path, targets]) => [path, targets.filter((target) => graph.has(target))]));
  for (let peeled = true; peeled;) {
    peeled = false;
    for (const [path, targets] of left) {
      if (targets.some((target) => left.has(target))) continue;
      left.delete(path);
      peeled = true;
    }
  }
  const cycles: string[] = [];
  while (left.size > 0) {
    const trail: string[] = [];
    let at = left.keys().next().value;
    while (at !== undefined && !trail.includes(at)) {
      trail.push(at);
      at = left.get(at)?.find((target) => left.has(target));
    }
    if (at !== undefined) cycles.push([...trail.slice(trail.indexOf(at)), at].join(" → "));
    for (const path of trail) left.delete(path);
  }
  return cycles;
}
