/**
 * `npm test` and `npm run check`: types, lint and format side by side, then every test with coverage, then how many
 * requirements are verified. `npm test -- <name>` runs only the test files whose path holds the name or, if there
 * are none, the tests whose title does; without the other stages. Exit code 0 only if all of it is well.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { closingLine, root, runSuite } from "./suite.mjs";

const TYPES = ["--noEmit", "--incremental", "--tsBuildInfoFile", "node_modules/.cache/tutti/types.tsbuildinfo"];
const STATIC = [
  { name: "types", program: "tsc", args: TYPES },
  { name: "lint", program: "oxlint", args: ["--type-aware"] },
  { name: "format", program: "oxfmt", args: ["--check"], advice: "npx oxfmt <file> mends it." },
];

async function everything() {
  mkdirSync(join(root, "node_modules/.cache/tutti"), { recursive: true });
  const stages = await Promise.all(STATIC.map(runStage));
  const nothing = { passed: 0, failed: 0 };
  if (stages.some((stage) => !stage.ok)) return close(stages, nothing, "The tests did not run.");
  const started = performance.now();
  const suite = await runSuite(["--coverage"]);
  const ok = suite.status === 0;
  stages.push({ name: "tests", ok, ms: performance.now() - started });
  console.log(requirementsLine(suite.tests));
  const why = "No test failed: either coverage is under its threshold, or an error happened outside every test.";
  close(stages, suite, !ok && suite.failed === 0 ? why : "");
}

async function named(names) {
  const files = testFiles("src").concat(testFiles("examples"), testFiles("test"));
  const isFile = names.every((name) => files.some((file) => file.includes(name)));
  const title = names.join(" ").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const suite = await runSuite(isFile ? names : ["--hideSkippedTests", "-t", title]);
  const found = suite.passed + suite.failed > 0;
  if (!found) console.log(`No test file and no test title holds "${names.join(" ")}".`);
  console.log(closingLine(suite));
  process.exitCode = found && suite.status === 0 ? 0 : 1;
}

/** Runs one program to its end; what it printed is shown only if it failed. */
async function runStage({ name, program, args, advice }) {
  const started = performance.now();
  const child = spawn(join(root, "node_modules/.bin", program), args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  child.stderr.on("data", (text) => (output += text));
  const ok = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code === 0));
  });
  const stage = { name, ok, ms: performance.now() - started };
  console.log(ok ? line(stage) : [line(stage), output.trimEnd(), ...(advice ? [advice] : [])].join("\n"));
  return stage;
}

function line({ name, ok, ms }) {
  return `${name.padEnd(8)}${ok ? "ok    " : "FAILED"}  ${(ms / 1000).toFixed(1).padStart(6)} s`;
}

function close(stages, suite, note) {
  const failed = stages.filter((stage) => !stage.ok).map((stage) => stage.name);
  console.log(stages.map(line).join("\n"));
  if (failed.length > 0) console.log(`FAILED: ${failed.join(", ")}. ${note}`.trimEnd());
  console.log(closingLine(suite));
  process.exitCode = failed.length > 0 ? 1 : 0;
}

/** Verified = cited by at least one test that ran and passed, and by none that failed. */
function requirementsLine(tests) {
  const requirements = JSON.parse(readFileSync(join(root, "test/requirements.json"), "utf8"));
  const citedBy = (status) => new Set(tests.filter((t) => t.status === status).flatMap((t) => t.meta?.verifies ?? []));
  const passed = citedBy("passed");
  const failed = citedBy("failed");
  const superseded = requirements.filter((r) => r.superseded);
  const verified = requirements.filter((r) => !r.superseded && passed.has(r.id) && !failed.has(r.id));
  const open = requirements.length - superseded.length - verified.length;
  return (
    `requirements: ${verified.length} verified, ${superseded.length} superseded, ` +
    `${open} open of ${requirements.length}`
  );
}

function testFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((path) => path.endsWith(".test.ts") && !path.startsWith("long/"))
    .map((path) => `${folder}/${path}`);
}

const names = process.argv.slice(2);
await (names.length > 0 ? named(names) : everything());
