import { defineConfig } from "vitest/config";

/** `import … from "tutti"` means the sources, here as in tsconfig.json. */
const source = ["source"];

/**
 * Three projects, told by the file's name. Most tests share their workers, which is ten times faster. A
 * `*.process.test.ts` spawns processes or touches globals and gets a process of its own. A `*.timing.test.ts` holds
 * a time: it runs after all others, alone, so that it measures the code and not its neighbours.
 */
export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: {
    allowOnly: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "examples/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["**/*.{process,timing}.test.ts", "test/long/**"],
          isolate: false,
          pool: "threads",
        },
      },
      {
        extends: true,
        test: {
          name: "process",
          include: ["{src,examples,test}/**/*.process.test.ts"],
          exclude: ["test/long/**"],
          pool: "forks",
        },
      },
      {
        extends: true,
        test: {
          name: "timing",
          include: ["{src,examples,test}/**/*.timing.test.ts"],
          exclude: ["test/long/**"],
          pool: "forks",
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: {
      include: ["src/**/*.ts"],
      // Contract suites are test code; index files only name what others make.
      exclude: ["**/*.test.ts", "**/contract.ts", "**/index.ts"],
      reporter: ["html", "text-summary", "json-summary"],
      thresholds: { lines: 90, branches: 90 },
    },
  },
});
