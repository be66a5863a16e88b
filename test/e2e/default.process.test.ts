import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createOrchestrator } from "../../src/orchestrator.ts";
import { linear } from "../../src/workflow/shapes.ts";
import { verifies } from "../verifies.ts";

test(
  "an orchestrator needs no arguments: its store is .tutti/tutti.db here, for this user only",
  verifies("004-F088", "000-F011"),
  async () => {
    const before = process.cwd();
    const folder = mkdtempSync(join(tmpdir(), "tutti-default-"));
    process.chdir(folder);
    try {
      const tutti = await createOrchestrator();
      await expect(createOrchestrator()).rejects.toMatchObject({ code: "STORE_LOCKED", data: { pid: process.pid } });
      const waits = await tutti.runs.start(linear([{ step: "a", agent: "nobody" }]));
      await tutti.close();
      expect(existsSync(".tutti/tutti.db")).toBe(true);
      expect(statSync(".tutti").mode & 0o777).toBe(0o700);
      expect(statSync(".tutti/tutti.db").mode & 0o777).toBe(0o600);
      await using again = await createOrchestrator();
      expect((await again.runs.get(waits.id))?.status).toBe("running");
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  },
);
