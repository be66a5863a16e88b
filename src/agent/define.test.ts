import { describe, expect, expectTypeOf, test } from "vitest";
import { TuttiError } from "../errors.ts";
import { type Agent, agent, isAgent } from "./define.ts";
import type { Context } from "./context.ts";

describe("a function agent", () => {
  const cmo = agent({
    id: "cmo",
    capabilities: ["marketing"],
    version: "1.2.0",
    run: async (input: { target: string }, context) => ({ size: input.target.length, path: context.path }),
  });

  test("has a card with every default filled in", () => {
    expect(cmo.card).toEqual({
      id: "cmo",
      capabilities: ["marketing"],
      version: "1.2.0",
      tags: [],
      maxConcurrency: 16,
      executor: "function",
    });
    expect(agent({ id: "a", capabilities: [], run: () => 1 }).card.version).toBe("0.0.0");
  });

  test("takes its input's type from the first parameter of run, its output's from what run returns", () => {
    expectTypeOf(cmo).toEqualTypeOf<Agent<{ target: string }, { size: number; path: string }>>();
    expectTypeOf(cmo).toExtend<Agent>();
    expectTypeOf(agent({ id: "a", capabilities: [], run: () => 1 })).toEqualTypeOf<Agent<unknown, number>>();
    agent({ id: "a", capabilities: [], run: (_, context) => expectTypeOf(context).toEqualTypeOf<Context>() });
  });

  test("shares nothing with the options it was made of, and cannot be changed", () => {
    const capabilities = ["a"];
    const made = agent({ id: "x", capabilities, run: () => 1 });
    capabilities.push("b");
    expect(made.card.capabilities).toEqual(["a"]);
    expect(Object.isFrozen(made.card) && Object.isFrozen(made.card.capabilities) && Object.isFrozen(made.reach)).toBe(
      true,
    );
  });

  test("is told from other values", () => {
    expect(isAgent(cmo)).toBe(true);
    for (const other of ["cmo", { id: "cmo" }, null, undefined]) expect(isAgent(other)).toBe(false);
  });
});

describe("a process agent", () => {
  test("is a program and its arguments", () => {
    const counter = agent({ id: "counter", capabilities: ["count"], process: ["/usr/bin/wc", "-c"] });
    expect(counter.card.executor).toBe("process");
    expect(counter.reach).toEqual({ executor: "process", argv: ["/usr/bin/wc", "-c"] });
    expectTypeOf(counter).toEqualTypeOf<Agent<unknown, unknown>>();
  });

  test("may name its environment, directory and patience", () => {
    const process = { command: ["./run"], env: { TOKEN: "secret://TOKEN" }, cwd: "/srv", signalGrace: "5s" };
    expect(agent({ id: "runner", capabilities: [], process }).reach).toEqual({
      executor: "process",
      argv: ["./run"],
      env: { TOKEN: "secret://TOKEN" },
      cwd: "/srv",
      signalGraceMs: 5000,
    });
  });
});

describe("an agent that is not valid", () => {
  const run = () => 1;
  const cases: [string, object, RegExp][] = [
    ["has a bad id", { id: "a b", capabilities: [], run }, /"a b" is not valid: its id must have 1 to 128/],
    ["has a dangerous id", { id: "__proto__", capabilities: [], run }, /its id/],
    ["has no list of capabilities", { id: "a", capabilities: "x", run }, /capabilities must be a list of texts/],
    ["has an empty capability", { id: "a", capabilities: [""], run }, /none of them empty/],
    ["has a version that is not semver", { id: "a", capabilities: [], version: "1.2", run }, /"1.2" is not semver/],
    ["has no slot", { id: "a", capabilities: [], maxConcurrency: 0, run }, /whole number from 1, not 0/],
    ["cannot be reached", { id: "a", capabilities: [] }, /give either run or process/],
    ["can be reached twice", { id: "a", capabilities: [], run, process: ["x"] }, /give either run or process/],
    ["runs no function", { id: "a", capabilities: [], run: "x" }, /must be a function/],
    ["has a command line instead of a program", { id: "a", capabilities: [], process: "wc -c" }, /\[program, /],
    ["has an empty command", { id: "a", capabilities: [], process: [] }, /command is empty/],
    [
      "has a grace that is no duration",
      { id: "a", capabilities: [], process: { command: ["x"], signalGrace: "soon" } },
      /"soon" is not a duration/,
    ],
    [
      "has an env that is no map of texts",
      { id: "a", capabilities: [], process: { command: ["x"], env: { A: 1 } } },
      /env must map names to texts/,
    ],
  ];
  test.each(cases)("%s", (_, options, message) => {
    const make = () => agent(options as Parameters<typeof agent>[0]);
    expect(make).toThrow(TuttiError);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: "AGENT_INVALID" }));
  });
});
