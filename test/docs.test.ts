/**
 * The docs are executed: every `ts` snippet compiles, every `ts run` snippet also runs to its end, every link, anchor
 * and npm command holds, and the pages made from the code are current (`npm run docs` writes them).
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { documentSchema } from "../src/workflow/document/grammar.ts";
import { citations } from "./house/citations.ts";
import { readPage, type Page } from "./house/markdown.ts";
import { defaultsPage, errorsPage, requirementsPage } from "./house/pages.ts";
import { compile, type Program } from "./house/snippets.ts";
import { ROOT, SOURCES, filesIn, isTest, readText } from "./house/source.ts";
import { REQUIREMENTS, verifies } from "./verifies.ts";

const made = new Map([
  ["docs/errors.md", errorsPage()],
  ["docs/defaults.md", defaultsPage()],
  ["docs/requirements.md", requirementsPage(REQUIREMENTS, citations().counted)],
]);

const written = [...filesInRoot(), ...filesIn("docs"), ...filesIn("examples")].filter((path) => path.endsWith(".md"));
const pages = [...new Set([...written, ...made.keys()])].map((path) =>
  readPage(path, made.get(path) ?? readText(path)),
);

const snippets = pages.flatMap(({ path, snippets: found }) =>
  found
    .filter(({ info }) => /^(ts|typescript)\b/.test(info))
    .map((snippet) => ({ ...snippet, path, name: `${path.replace(/\W/g, "_")}_${snippet.line}` })),
);
const wrong = { name: "wrong", text: `import { nothing } from "tutti";\n\nconst text: string = 1;` };
let compiled: Program | undefined;
const program = (): Program =>
  (compiled ??= compile(new Map([...snippets, wrong].map(({ name, text }) => [name, text]))));
const work = mkdtempSync(join(tmpdir(), "tutti-docs-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("docs", () => {
  test("the TypeScript in them compiles", () => {
    expect(snippets.flatMap((snippet) => program().problems(snippet.name, snippet))).toEqual([]);
  });

  test("a snippet that does not compile is told with its page and line", () => {
    const problems = program().problems(wrong.name, { path: "docs/a.md", line: 10 });
    expect(problems.map((problem) => problem.split(" ")[0])).toEqual(["docs/a.md:10", "docs/a.md:12"]);
  });

  test("the snippets marked `ts run` run to their end", { timeout: 120_000 }, () => {
    const built = join(work, "tutti");
    program().emit(built);
    const failed = snippets
      .filter(({ info }) => /\brun\b/.test(info))
      .flatMap(({ name, path, line }) => {
        const folder = mkdtempSync(join(work, "run-"));
        const script = join(built, "snippets", `${name}.js`);
        const done = spawnSync(process.execPath, [script], { cwd: folder, encoding: "utf8", timeout: 60_000 });
        return done.status === 0
          ? []
          : [`${path}:${line} exit ${done.status ?? done.signal}\n${done.stdout}${done.stderr}`];
      });
    expect(failed).toEqual([]);
  });

  test("every link and anchor leads somewhere", () => {
    const known = new Map(pages.map((page) => [page.path, page]));
    expect(pages.flatMap((page) => brokenLinks(page, known))).toEqual([]);
  });

  test.each([
    ["[a](#two-words)", []],
    ["[a](a.md#two-words) and `[b](none.md)`", []],
    ["[a](https://example.org/none)", []],
    ["[a](none.md)", ["docs/a.md:3 none.md: there is no docs/none.md"]],
    ["[a](#three)", ["docs/a.md:3 #three: docs/a.md has no such heading"]],
    ["[a](../../shared/x.md)", ["docs/a.md:3 ../../shared/x.md: leads out of the repository"]],
  ])("the line %s has the broken links %j", (line, broken) => {
    const page = readPage("docs/a.md", `# Two \`words\`\n\n${line}\n`);
    expect(brokenLinks(page, new Map([["docs/a.md", page]]))).toEqual(broken);
  });

  test("every npm command in them exists", () => {
    const told = pages.flatMap(({ path, commands }) =>
      commands.flatMap(({ command, line }) => (isCommand(command) ? [] : [`${path}:${line} ${command}`])),
    );
    expect(told, "no such script, or no test of that name").toEqual([]);
  });

  test("an npm command that does not exist is seen", () => {
    // In two parts, or the name would be found: here.
    const name = `no-such-${"test"}`;
    const page = readPage("a.md", `\`npm run nothing\`\n\n~~~sh\n$ CI=1 npm test -- ${name} # slow\nnpm test\n~~~\n`);
    expect(page.commands.filter(({ command }) => !isCommand(command))).toEqual([
      { command: "npm run nothing", line: 1 },
      { command: `npm test -- ${name}`, line: 4 },
    ]);
  });

  test.each([...made])("%s is what the code says", verifies("004-F028"), async (path, text) => {
    await expect(text, "out of date: npm run docs").toMatchFileSnapshot(join(ROOT, path));
  });
});

test("tutti.schema.json is what the grammar of documents says", async () => {
  const text = `${JSON.stringify(documentSchema(), null, 2)}\n`;
  await expect(text, "out of date: npm run docs").toMatchFileSnapshot(join(ROOT, "tutti.schema.json"));
});

function filesInRoot(): string[] {
  return ["README.md", "ARCHITECTURE.md", "GLOSSARY.md", "AGENTS.md", "CHANGELOG.md"].filter((path) =>
    existsSync(join(ROOT, path)),
  );
}

function brokenLinks(page: Page, known: ReadonlyMap<string, Page>): string[] {
  return page.links.flatMap(({ target, line }) => {
    const problem = linkProblem(page, target, known);
    return problem === undefined ? [] : [`${page.path}:${line} ${target}: ${problem}`];
  });
}

function linkProblem(page: Page, target: string, known: ReadonlyMap<string, Page>): string | undefined {
  if (/^(https?|mailto):/.test(target)) return undefined;
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page.path : posix.join(posix.dirname(page.path), decodeURI(file));
  if (path.startsWith("..")) return "leads out of the repository";
  const linked = known.get(path);
  if (!linked && !existsSync(join(ROOT, path))) return `there is no ${path}`;
  return anchor && linked && !linked.anchors.has(anchor) ? `${path} has no such heading` : undefined;
}

/** A script of package.json; for `npm test -- <name>` also a test file or title that holds the name. */
function isCommand(command: string): boolean {
  const [, verb = "", script = "", rest = ""] = /^npm (run )?([\w:-]+)(?: -- (.*))?/.exec(command) ?? [];
  // npm's own verbs are npm's to document.
  if (!verb && !["test", "start"].includes(script)) return true;
  const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
  if (!scripts[script]) return false;
  if (!script.startsWith("test") || /^([<[-]|$)/.test(rest)) return true;
  const name = rest.replace(/^"(.*)"$/, "$1");
  const tests = SOURCES.filter(
    ({ path }) => isTest(path) && path.startsWith("test/long/") === (script === "test:long"),
  );
  return tests.some(({ path, text }) => path.includes(name) || text.includes(name));
}
