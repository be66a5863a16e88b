/** Evidence as a team would hand it in: of a small project with nothing against it. */
import type { Code, Dependencies, Evidence, History, Knowledge, Licences, Tests } from "../findings.ts";

const told = { findings: [], limits: [] };

const history: History = {
  ...told,
  commits: 1_200,
  shallow: false,
  merges: 3,
  first: "2024-01-01T00:00:00.000Z",
  last: "2026-05-01T00:00:00.000Z",
  authors: [{ name: "Ada", commits: 700, last: "2026-05-01T00:00:00.000Z" }],
  authorCount: 4,
  year: { commits: 300, halfBy: 2, months: [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64] },
  lastTag: { name: "v1.2.0", commitsSince: 1 },
};

const code: Code = {
  ...told,
  files: 40,
  bytes: 123_456,
  kinds: { code: { files: 30, lines: 3_000 }, test: { files: 8, lines: 1_500 }, binary: { files: 2, lines: 0 } },
  languages: [{ name: "TypeScript", files: 38, lines: 4_500 }],
  code: [{ path: "src/a.ts", lines: 400 }],
  tests: [{ path: "src/a.test.ts", lines: 300 }],
  hotSpots: [{ path: "src/a.ts", lines: 400, commits: 12, changedLines: 900, authors: 3, score: 4_800 }],
  churn: { commits: 1_100, since: "2024-01-01T00:00:00Z" },
};

const knowledge: Knowledge = {
  ...told,
  files: 30,
  lines: 3_000,
  authors: [
    { name: "Ada", lines: 2_000, active: true },
    { name: "Ben", lines: 1_000, active: false },
  ],
  authorCount: 2,
  goneLines: 1_000,
};

const dependencies: Dependencies = {
  ...told,
  manifests: [
    {
      path: "package.json",
      ecosystem: "npm",
      direct: 2,
      development: 3,
      pinned: 4,
      ranged: 1,
      open: 0,
      elsewhere: 0,
      lock: "package-lock.json",
    },
  ],
  locks: [{ path: "package-lock.json", packages: 90, installScripts: 0, duplicates: null }],
};

const tests: Tests = {
  ...told,
  counted: { testFiles: 8, testLines: 1_500, codeLines: 3_000 },
  commands: [{ path: "package.json", command: "npm test" }],
  ci: [
    { path: ".github/workflows/a.yml", system: "GitHub Actions" },
    { path: ".github/workflows/b.yml", system: "GitHub Actions" },
  ],
  actions: { used: 4, pinned: 4 },
};

const licences: Licences = {
  ...told,
  files: [{ path: "LICENSE", licence: "MIT" }],
  declared: [{ path: "package.json", licence: "MIT" }],
  dependencies: [{ licence: null, packages: 2, production: 1 }],
  source: "lock",
};

export const everything: Evidence = {
  history,
  code,
  knowledge,
  dependencies,
  tests,
  licences,
  findings: [],
  limits: [],
  missing: [],
};
