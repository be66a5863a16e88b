import { expect, test } from "vitest";
import { TaskError, toFailure } from "./errors.ts";

test("what is thrown is told in bounded data, with its causes", () => {
  const failure = toFailure(new Error("outer", { cause: new TaskError("rate_limit", "inner", { retryAfterMs: 5 }) }));
  expect(failure).toMatchObject({ kind: "agent_error", message: "outer" });
  expect(failure.cause).toMatchObject({ kind: "rate_limit", message: "inner", retryAfterMs: 5 });
  expect(toFailure("x".repeat(10_000)).message).toHaveLength(8_192 + "… (10000 characters)".length);
  expect(toFailure({ some: 1 }).message).toBe('thrown: {"some":1}');
});

test("a TaskError is known by what it says, whatever copy of the package made it", () => {
  const other = Object.assign(new Error("no card"), { name: "TaskError", kind: "validation_error", code: "CARD" });
  expect(toFailure(other)).toMatchObject({ kind: "validation_error", code: "CARD" });
  const nonsense = Object.assign(new Error("?"), { name: "TaskError", kind: "bad luck" });
  expect(toFailure(nonsense).kind).toBe("agent_error");
});
