/** The tests agent: how much is tested, by what command, and whether a CI service runs it. */
import { finding, type Code, type Finding, type Repository, type Tests } from "../findings.ts";
import { listTree, readText, type TreeFile } from "../git.ts";
import { objectAt, parseObject } from "../manifests/npm.ts";
import { many } from "../wording.ts";
import type { Context } from "./context.ts";

const CI: readonly (readonly [RegExp, string])[] = [
  [/^\.github\/workflows\/[^/]+\.ya?ml$/, "GitHub Actions"],
  [/^\.gitlab-ci\.ya?ml$/, "GitLab CI"],
  [/^\.(forgejo|gitea)\/workflows\/[^/]+\.ya?ml$/, "Forgejo or Gitea Actions"],
  [/^\.circleci\/config\.ya?ml$/, "CircleCI"],
  [/^azure-pipelines[\w.-]*\.ya?ml$/, "Azure Pipelines"],
  [/^\.?(travis|appveyor|drone|cirrus|bitbucket-pipelines)\.ya?ml$/, "a CI service"],
  [/^\.(buildkite|woodpecker)\/[^/]+\.ya?ml$/, "a CI service"],
  [/^Jenkinsfile$/, "Jenkins"],
  [/^\.ci\/[^/]+$/, "its own script"],
];

/** Files whose presence at the top names a test command. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [/^Cargo\.toml$/, "cargo test"],
  [/^go\.mod$/, "go test ./..."],
  [/^(pytest\.ini|conftest\.py)$/, "pytest"],
  [/^tox\.ini$/, "tox"],
  [/^noxfile\.py$/, "nox"],
  [/^pom\.xml$/, "mvn test"],
  [/^build\.gradle(\.kts)?$/, "gradle test"],
];

/** What the code agent counted, as far as it is of use here. */
type Sizes = Pick<Code, "code" | "tests" | "kinds">;
type Measured = Omit<Tests, "findings" | "limits">;

/** A file shorter than this is not missed when no test is named after it. */
const UNTESTED_LINES = 150;
const FEW = 0.2;

export async function readTests(
  { repository, code }: { repository: Repository; code: Sizes | null },
  ctx: Context,
): Promise<Tests> {
  const options = { signal: ctx.signal };
  const files = await listTree(repository, options);
  const read = async (file: TreeFile): Promise<string> => (await readText(repository, file, options)) ?? "";
  const ci = files.flatMap((file) => {
    const system = CI.find(([path]) => path.test(file.path))?.[1];
    return system === undefined ? [] : [{ file, path: file.path, system }];
  });
  const uses: string[] = [];
  for (const { file, system } of ci) if (system.endsWith("Actions")) uses.push(...actionsIn(await read(file)));
  ctx.progress(0.5, `${ci.length} CI files read`);
  const commands: { path: string; command: string }[] = [];
  for (const file of files.filter(({ path }) => !path.includes("/"))) {
    const command =
      COMMANDS.find(([path]) => path.test(file.path))?.[1] ?? commandIn(file.path, await text(file, read));
    if (command !== undefined) commands.push({ path: file.path, command });
  }
  const measured = {
    counted: code && {
      testFiles: code.kinds["test"]?.files ?? 0,
      testLines: code.kinds["test"]?.lines ?? 0,
      codeLines: code.kinds["code"]?.lines ?? 0,
    },
    commands,
    ci: ci.map(({ path, system }) => ({ path, system })),
    actions: { used: uses.length, pinned: uses.filter(isPinned).length },
  };
  return { ...measured, findings: [...judgeTests(measured, code), ...judgeCi(measured, uses)], limits: LIMITS };
}

const LIMITS = [
  "No test was run and no coverage taken: the audit reads, it does not execute.",
  "Which file a test belongs to is guessed from its name; tests inside a source file (Rust) are not seen.",
];

async function text(file: TreeFile, read: (file: TreeFile) => Promise<string>): Promise<string> {
  return /^(package\.json|Makefile|pyproject\.toml)$/.test(file.path) ? read(file) : "";
}

function commandIn(path: string, content: string): string | undefined {
  if (path === "package.json") {
    const script = objectAt(parseObject(content), "scripts")["test"];
    return typeof script === "string" && !script.includes("no test specified") ? "npm test" : undefined;
  }
  if (path === "Makefile") return /^(test|check)\s*:/m.exec(content)?.[1]?.replace(/^/, "make ");
  return path === "pyproject.toml" && /^\[tool\.pytest/m.test(content) ? "pytest" : undefined;
}

/** Actions of other repositories: `owner/name@ref`. Local ones and container images are left out. */
function actionsIn(workflow: string): string[] {
  const uses = workflow.matchAll(/^\s*(?:-\s*)?uses:\s*["']?([^\s"'#]+)/gm);
  return [...uses].map((match) => match[1] ?? "").filter((action) => !/^(\.|docker:)/.test(action));
}

function isPinned(action: string): boolean {
  return /@[0-9a-f]{40,64}$/.test(action);
}

/** The longest code files that no test is named after. */
function untested({ code, tests }: Sizes): string[] {
  const stem = (path: string): string =>
    path
      .slice(path.lastIndexOf("/") + 1)
      .replace(/\.[^.]+$/, "")
      .replace(/^test_|([._-](test|spec|e2e))+$|(Tests?|Spec)$/g, "")
      .toLowerCase();
  const named = new Set(tests.map(({ path }) => stem(path)));
  return code
    .filter(({ path, lines }) => lines >= UNTESTED_LINES && !path.endsWith(".rs") && !named.has(stem(path)))
    .map(({ path }) => path);
}

/** Only where the code agent counted, and found code. */
function judgeTests({ counted, commands }: Measured, code: Sizes | null): Finding[] {
  if (counted === null || code === null || counted.codeLines === 0) return [];
  if (counted.testFiles === 0)
    return [
      finding("no-tests", "high", {
        title: "There are no test files",
        action: "Begin with a test of the first hot spot",
      }),
    ];
  const findings: Finding[] = [];
  const ratio = counted.testLines / counted.codeLines;
  if (ratio < FEW) {
    const title = `${ratio.toFixed(2)} lines of test per line of code`;
    const risk = ratio < FEW / 4 ? "high" : "medium";
    findings.push(finding("few-tests", risk, { title, action: "Write tests for the hot spots first" }));
  }
  const missed = untested(code);
  if (missed.length > 0) {
    const title = `${many(missed.length, "code file")} of ${UNTESTED_LINES} lines or more without a test named after it`;
    const action = "Check that something tests them; if not, begin here";
    findings.push(finding("untested-file", "low", { title, action, where: missed }));
  }
  if (commands.length === 0) {
    const action = "Give the usual command a meaning (`npm test`, `make test`)";
    findings.push(finding("no-test-command", "medium", { title: "No usual command runs the tests", action }));
  }
  return findings;
}

function judgeCi({ counted, ci }: Measured, uses: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  if (ci.length === 0 && counted?.codeLines !== 0) {
    findings.push(
      finding("no-ci", "medium", { title: "No CI configuration was found", action: "Run the tests on every change" }),
    );
  }
  const loose = [...new Set(uses.filter((action) => !isPinned(action)))];
  if (loose.length > 0) {
    const others = loose.filter((action) => !/^(actions|github)\//.test(action));
    const title = `${many(loose.length, "GitHub Action")} not fixed to a commit, ${others.length} by third parties`;
    const action = "Name the full commit hash; a tag can be moved";
    findings.push(
      finding("unpinned-action", others.length > 0 ? "medium" : "low", {
        title,
        action,
        where: [...new Set([...others, ...loose])],
      }),
    );
  }
  return findings;
}
