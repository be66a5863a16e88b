import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { describeStore } from "../contract.ts";
import { openSqliteRows } from "./open.ts";

describeStore(
  "sqlite",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "tutti-store-"));
    return {
      open: async () => openSqliteRows(join(folder, "store.db")),
      [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
    };
  },
  { describe, test },
);
