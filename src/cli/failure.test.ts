import { describe, expect, test } from "vitest";
import { TuttiError } from "../errors.ts";
import type { Terminal } from "../host/terminal.ts";
import { Interrupted, tellFailure } from "./failure.ts";
import { Conflict, UsageError } from "./usage.ts";

function tell(thrown: unknown, { json = false, verbose = false, env = {} } = {}): { code: number; err: string } {
  let err = "";
  const stderr = { isTerminal: false, write: (text: string) => void (err += text) };
  return { code: tellFailure(thrown, { stderr, env } as Terminal, { json, verbose }), err };
}

describe("a failure is told in one message, with the exit code it comes to", () => {
  test.each([
    [new TuttiError("RUN_UNKNOWN", { run: "r" }), 5, "tutti: There is no run r in this store.\n"],
    [new UsageError("not so"), 2, "tutti: not so\n"],
    [new Conflict("there already"), 6, "tutti: there already\n"],
    [Object.assign(new Error("error: no such option"), { code: "commander.x" }), 2, "tutti: no such option\n"],
    [new Interrupted("SIGTERM"), 143, ""],
    [
      new Error("odd\u001b[2J"),
      1,
      "tutti: odd\\u001b[2J\nThat is a fault of Tutti, or of code it loaded; -v shows where.\n",
    ],
    ["a text", 1, "tutti: a text\nThat is a fault of Tutti, or of code it loaded; -v shows where.\n"],
  ])("%s", (thrown, code, err) => {
    expect(tell(thrown)).toEqual({ code, err });
  });
});

test("as JSON it is one problem, with the list of problems where there is one", () => {
  const list = [{ path: "$.a", message: "no" }];
  const { code, err } = tell(new TuttiError("INPUT_INVALID", { workflow: "w", problems: "  $.a: no", list }), {
    json: true,
  });
  expect([code, JSON.parse(err)]).toEqual([
    3,
    {
      type: "urn:tutti:error:input-invalid",
      title: "Input invalid",
      detail: "The input of workflow w is not valid:\n  $.a: no",
      code: "INPUT_INVALID",
      exitCode: 3,
      problems: list,
    },
  ]);
  expect(JSON.parse(tell("odd", { json: true }).err)).not.toHaveProperty("problems");
});

test("with -v it is told where it came from, down to its causes; the name is bold where there is colour", () => {
  const thrown = new Error("outer", { cause: new TypeError("inner", { cause: "a text" }) });
  const { err } = tell(thrown, { verbose: true, env: { FORCE_COLOR: "1" } });
  expect(err).toMatch(/^\S+tutti:\S+ outer\n/);
  expect(err).toMatch(/\nError: outer\n +at [^]*\ncaused by TypeError: inner\n +at [^]*\ncaused by a text\n$/);
});
