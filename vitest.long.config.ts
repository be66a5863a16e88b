import { defineConfig } from "vitest/config";

const source = ["source"];

/** The long programmes: hours on purpose, one at a time, so that each has the machine and its figures mean something. */
export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: {
    include: ["test/long/**/*.test.ts"],
    allowOnly: false,
    pool: "forks",
    fileParallelism: false,
    testTimeout: 0,
    hookTimeout: 0,
  },
});
