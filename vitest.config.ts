import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `import … from "tutti"` means the sources, here as in tsconfig.json. */
const source = ["source"];
/** What `:memory:` opens in the project `faulty`. */
const faultyMemory = fileURLToPath(new URL("test/faults/memory.ts", import.meta.url));

/**
 * Four projects, told by the file's name. Most tests share their workers, which is ten times faster. `faulty` plays
 * the functional suite again on a store of which one commit in twenty is refused, before or after it was written. A
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
        resolve: { alias: [{ find: /^\.\/store\/memory\/open\.ts$/, replacement: faultyMemory }] },
        test: {
          name: "faulty",
          include: ["src/facets/*.test.ts", "test/e2e/*.test.ts"],
          exclude: ["**/*.{process,timing}.test.ts"],
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
