import { describe, expect, test } from "vitest";
import type { RunInfo } from "../facets/view.ts";
import { reasonOf, runDocument } from "./result.ts";

const at = "2026-11-21T00:00:00.000Z";
const error = {
  kind: "agent_error",
  message: "no",
  stack: "Error: no\n at /home/ada/secret.ts",
  path: "a",
  cause: { kind: "timeout", message: "slow", stack: "at …" },
} as const;
const base = {
  id: "r",
  workflow: { id: "w", version: "1", hash: "h" },
  steps: {
    a: { id: "a", status: "failed", agent: "x", attempts: 2, recoveries: 0, readyAt: at, startedAt: at, error },
  },
} as unknown as RunInfo;
const as = (more: object): RunInfo => ({ ...base, ...more }) as RunInfo;

describe("the document of a run", () => {
  test("has null where there is no time and no output, and no stack anywhere", () => {
    const document = runDocument(as({ status: "failed", success: false, error, endedAt: at, durationMs: 1 }));
    const shown = { kind: "agent_error", message: "no", path: "a", cause: { kind: "timeout", message: "slow" } };
    expect(document).toEqual({
      id: "r",
      workflow: { id: "w", version: "1", hash: "h" },
      status: "failed",
      output: null,
      error: shown,
      startedAt: null,
      endedAt: at,
      steps: {
        a: { status: "failed", agent: "x", attempts: 2, readyAt: at, startedAt: at, endedAt: null, error: shown },
      },
    });
  });

  test.each([
    [
      { status: "completed", output: 1, partial: true, startedAt: at, endedAt: at },
      { partial: true, output: 1 },
    ],
    [
      { status: "cancelled", reason: "why", inconsistent: true, endedAt: at },
      { reason: "why", inconsistent: true },
    ],
    [
      { status: "stranded", missing: ["./a.mjs#x", "y"] },
      { reason: "missing: ./a.mjs#x, y", endedAt: null },
    ],
  ])("of %j has %j", (info, more) => {
    expect(runDocument(as(info))).toMatchObject(more);
  });

  test("has no more than that where it does not apply", () => {
    const keys = Object.keys(runDocument(as({ status: "completed", output: 1, partial: false, endedAt: at })));
    expect(keys).toEqual(["id", "workflow", "status", "output", "startedAt", "endedAt", "steps"]);
    expect(reasonOf(as({ status: "running" }))).toBeUndefined();
  });
});
