import { expect, test } from "vitest";
import { functionExecutor } from "../executor/function/executor.ts";
import { systemClock } from "../std/clock.ts";
import { openMemory } from "../store/memory/open.ts";
import { openSqlite } from "../store/sqlite/open.ts";
import { rmSync } from "node:fs";
import { DEFAULTS } from "../workflow/policy.ts";
import { CodeTables } from "./code.ts";
import { Engine } from "./engine.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";

const options = {
  priority: "normal",
  tags: [],
  metadata: { json: "{}" },
  variables: { json: "{}" },
  retry: DEFAULTS.retry,
  timeout: DEFAULTS.timeout,
  runTimeoutMs: DEFAULTS.runTimeoutMs,
  maxHandlerRounds: 3,
  maxRecoveries: 10,
} as const;

async function engineOn(store: any, code: CodeTables) {
  return Engine.open({
    store,
    clock: systemClock,
    code,
    agents: [],
    inline: functionExecutor as any,
    resolveSecrets: (j) => j,
    reap: async () => {},
    report: console.log,
    limits: { ...DEFAULTS },
  });
}

function chain(n: number): [WorkflowDefinition, Map<string, unknown>] {
  const steps: any = {};
  const code = new Map<string, unknown>();
  for (let i = 0; i < n; i++) {
    steps["s" + i] = { kind: "task", run: { code: "f" }, ...(i ? { needs: { p: "s" + (i - 1) } } : {}) };
  }
  code.set("f", () => null);
  return [{ tutti: "1", id: "chain" + n, version: "1", steps }, code];
}

for (const kind of ["memory", "sqlite"]) {
  test(`${kind}`, async () => {
    rmSync("/tmp/try/db", { force: true });
    rmSync("/tmp/try/db-wal", { force: true });
    rmSync("/tmp/try/db-shm", { force: true });
    const store = kind === "memory" ? openMemory() : await openSqlite("/tmp/try/db");
    const code = new CodeTables();
    const engine = await engineOn(store, code);
    for (const n of [3, 1000, 10000]) {
      const [definition, table] = chain(n);
      code.register(definition, table);
      const t = performance.now();
      await engine.start({ runId: "r" + n, given: false, definition, hash: "h" + n, input: { json: "1" }, options });
      const run = await engine.whenEnded("r" + n);
      console.log(kind, n, run.end, run.error, (((performance.now() - t) / n) * 1000).toFixed(0), "us/step");
      expect(run.end).toBe("completed");
    }
    const [definition, table] = chain(10);
    code.register(definition, table);
    const t = performance.now();
    const N = 2000;
    let started = 0;
    const one = async () => {
      while (started < N) {
        const id = "b" + started++;
        await engine.start({ runId: id, given: false, definition, hash: "hx", input: { json: "1" }, options });
        await engine.whenEnded(id);
      }
    };
    await Promise.all(Array.from({ length: 200 }, one));
    console.log(kind, "2000x10", ((N * 10) / ((performance.now() - t) / 1000)).toFixed(0), "steps/s");
    await engine[Symbol.asyncDispose]();
  }, 60000);
}
