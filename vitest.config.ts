import { defineConfig } from "vitest/config";

/** `import … from "tutti"` means the sources, here as in tsconfig.json. */
const source = ["source"];

/** Two projects: files named `*.process.test.ts` spawn processes or touch globals, so each gets a process of its own. */
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
          exclude: ["**/*.process.test.ts", "test/long/**"],
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
