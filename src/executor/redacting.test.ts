import { describe, expect, test } from "vitest";
import type { Context } from "../agent/context.ts";
import { createSecrets } from "../host/secrets.ts";
import { attemptFor, failureOf } from "./contract.ts";
import { functionExecutor } from "./function/executor.ts";
import { redacting } from "./redacting.ts";

const secrets = createSecrets({ token: "s3cret-token" });
secrets.resolve('"secret://token"');

describe("redacting", () => {
  test("logs, notes and results lose the value and keep its name", async () => {
    const { attempt, lines, progress } = attemptFor();
    const executor = redacting(
      functionExecutor(async (_input: unknown, ctx: Context) => {
        ctx.log.info("using s3cret-token");
        ctx.progress(0.5, "with s3cret-token");
        ctx.progress(0.6);
        return Promise.resolve({ used: "s3cret-token" });
      }),
      secrets,
    );
    expect(await executor.execute(attempt)).toEqual({ ok: true, json: '{"used":"secret://token"}' });
    expect(lines).toEqual([{ level: "info", text: "using secret://token" }]);
    expect(progress).toEqual([
      { ratio: 0.5, note: "with secret://token" },
      { ratio: 0.6, note: undefined },
    ]);
  });

  test("failures too", async () => {
    const executor = redacting(
      functionExecutor(() => {
        throw new Error("rejected: s3cret-token", { cause: "s3cret-token" });
      }),
      secrets,
    );
    expect(JSON.stringify(failureOf(await executor.execute(attemptFor().attempt)))).not.toContain("s3cret");
  });

  test("what holds no secret passes unchanged, at once, and the agent sees its own attempt", () => {
    const executor = redacting(
      functionExecutor((input: unknown, { runId, path, attempt, idempotencyKey, signal }) => ({
        input,
        id: [runId, path, attempt, idempotencyKey, signal.aborted],
      })),
      secrets,
    );
    expect(executor.restart).toBe("lost");
    expect(executor.execute(attemptFor({ input: '{"n":1}' }).attempt)).toEqual({
      ok: true,
      json: '{"input":{"n":1},"id":["run_contract","step",1,"key",false]}',
    });
  });
});
