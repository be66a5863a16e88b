/** What the builder infers. Held by tsc; vitest only runs the callbacks, so that what is typed is also valid. */
import { verifies } from "../../test/verifies.ts";
import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { agent } from "../agent/define.ts";
import type { Context } from "../agent/context.ts";
import type { Failure } from "../errors.ts";
import type { JsonObject } from "../std/json.ts";
import type { Builder } from "./builder.ts";
import { workflow } from "./define.ts";
import type { Handle, InputOf, OutputOf, Settled, Stored, Workflow } from "./types.ts";

const head = { id: "typed", version: "1" };
const Market = z.object({ market: z.string() });
const cmo = agent({
  id: "cmo",
  capabilities: ["marketing"],
  run: async (input: { target: string }) => ({ size: input.target.length, at: new Date(0) }),
});
const anything = agent({ id: "anything", capabilities: [], run: () => 1 });
const sizer = agent({
  id: "sizer",
  capabilities: [],
  run: (seen: { needs: { a: { size: number } } }) => seen.needs.a.size,
});
const counter = agent({ id: "counter", capabilities: [], process: ["wc", "-c"] });

function build<R extends Handle<unknown>>(make: (w: Builder<{ market: string }>) => R): R {
  let made: R | undefined;
  workflow({ ...head, input: Market }, (w) => {
    made = make(w);
  });
  return made as R;
}

describe("an inline step", () => {
  test("gets { input, needs } and its handle carries what the store makes of its result", verifies("002-F130"), () => {
    const made = build((w) => {
      const a = w.task("a", {
        run: ({ input, needs }, context) => {
          expectTypeOf(input).toEqualTypeOf<{ market: string }>();
          expectTypeOf(needs).toEqualTypeOf<Readonly<Record<never, never>>>();
          expectTypeOf(context).toEqualTypeOf<Context>();
          return { size: 1, at: new Date(0), none: undefined, list: [new Date(0)] as const };
        },
      });
      expectTypeOf(a).toEqualTypeOf<Handle<{ size: number; at: string; none: undefined; list: readonly [string] }>>();
      return w.task("b", { needs: { a }, run: async ({ needs }) => needs.a.list });
    });
    expectTypeOf(made).toEqualTypeOf<Handle<readonly [string]>>();
  });

  test("gets what its mapping makes, as the store keeps it; a mapping sees more", () => {
    const made = build((w) =>
      w.task("a", {
        input: ({ input, vars, run }) => {
          expectTypeOf(vars).toEqualTypeOf<JsonObject>();
          expectTypeOf(run).toEqualTypeOf<{
            readonly id: string;
            readonly tags: readonly string[];
            readonly metadata: JsonObject;
          }>();
          return { name: input.market, at: new Date(0) };
        },
        run: (mapped) => mapped,
        undo: ({ input, output, key }, context) => {
          expectTypeOf(input).toEqualTypeOf<{ name: string; at: string }>();
          expectTypeOf(output).toEqualTypeOf<{ name: string; at: string } | null>();
          expectTypeOf(key).toEqualTypeOf<string>();
          expectTypeOf(context).toEqualTypeOf<Context>();
        },
      }),
    );
    expectTypeOf(made).toEqualTypeOf<Handle<{ name: string; at: string }>>();
    const literal = build((w) => w.task("a", { input: { sku: "x" }, run: (given) => given.sku }));
    expectTypeOf(literal).toEqualTypeOf<Handle<string>>();
  });

  test("with a schema has the schema's output, as the store keeps it", () => {
    const made = build((w) =>
      w.task("a", {
        run: ({ input }): unknown => input,
        output: z.object({ n: z.string().transform(Number), when: z.coerce.date() }),
        undo: ({ output }) => expectTypeOf(output).toEqualTypeOf<{ n: number; when: string } | null>(),
      }),
    );
    expectTypeOf(made).toEqualTypeOf<Handle<{ n: number; when: string }>>();
  });

  test("undone by handle.undo gets the output without undefined", () => {
    build((w) =>
      w.task("a", { when: () => true, run: () => "x" }).undo(({ input, output }) => {
        expectTypeOf(input).toEqualTypeOf<unknown>();
        expectTypeOf(output).toEqualTypeOf<string | null>();
      }),
    );
  });
});

describe("an agent's step", () => {
  test("of a handle takes what the agent takes, and gives what it gives", () => {
    const made = build((w) => {
      const a = w.task("a", { agent: cmo, input: ({ input }) => ({ target: input.market }) });
      expectTypeOf(a).toEqualTypeOf<Handle<{ size: number; at: string }>>();
      expectTypeOf(w.task("b", { agent: sizer, needs: { a } })).toEqualTypeOf<Handle<number>>();
      expectTypeOf(w.task("c", { agent: anything, needs: { a } })).toEqualTypeOf<Handle<number>>();
      expectTypeOf(w.task("d", { agent: cmo, input: { target: "x" } })).toExtend<Handle<{ size: number }>>();
      return w.task("e", { agent: counter, output: z.object({ bytes: z.number() }) });
    });
    expectTypeOf(made).toEqualTypeOf<Handle<{ bytes: number }>>();
  });

  test("by id, capability or type is unknown, unless a schema says more", () => {
    build((w) => {
      expectTypeOf(w.task("a", { agent: "cfo" })).toEqualTypeOf<Handle<unknown>>();
      expectTypeOf(w.task("b", { type: "web_search", input: { q: "x" } })).toEqualTypeOf<Handle<unknown>>();
      expectTypeOf(w.task("c", { agent: counter })).toEqualTypeOf<Handle<unknown>>();
      const finance = { capability: "finance", version: "^1.0" };
      return w.task("d", { agent: finance, output: z.object({ total: z.number() }) });
    }) satisfies Handle<{ total: number }>;
  });
});

describe("what may be missing", () => {
  test("is undefined after `when`, after a handler that may skip, and where every need may be missing", () => {
    build((w) => {
      const maybe = w.task("maybe", { when: ({ input }) => input.market !== "", run: () => 1 });
      expectTypeOf(maybe).toEqualTypeOf<Handle<number | undefined>>();
      const sure = w.task("sure", { run: () => 1 });
      const skipped = w.task("skipped", { run: () => 1, onError: { timeout: "skip" } });
      expectTypeOf(skipped).toEqualTypeOf<Handle<number | undefined>>();
      const decided = w.task("decided", {
        run: () => 1,
        onError: { timeout: ({ attempt }) => (attempt > 2 ? "skip" : "retry"), agent_error: { fallback: anything } },
      });
      expectTypeOf(decided).toEqualTypeOf<Handle<number | undefined>>();
      const retried = w.task("retried", {
        run: () => 1,
        onError: { timeout: () => "retry", agent_error: async ({ path }) => ({ fallback: path }), rate_limit: "fail" },
      });
      expectTypeOf(retried).toEqualTypeOf<Handle<number>>();
      const dead = w.task("dead", { needs: { maybe, skipped }, run: () => 1 });
      expectTypeOf(dead).toEqualTypeOf<Handle<number | undefined>>();
      const alive = w.task("alive", {
        needs: { maybe, sure },
        run: ({ needs }) => {
          expectTypeOf(needs).toEqualTypeOf<{ readonly maybe: number | undefined; readonly sure: number }>();
          return 1;
        },
      });
      expectTypeOf(alive).toEqualTypeOf<Handle<number>>();
      return alive;
    });
  });
});

describe("joins", () => {
  test("settled shows how each need ended; any and a quorum make needs optional", () => {
    build((w) => {
      const a = w.task("a", { run: () => "x" });
      const b = w.task("b", { when: () => true, run: () => 1 });
      w.task("settled", {
        needs: { a, b },
        join: "settled",
        run: ({ needs }) => {
          expectTypeOf(needs).toEqualTypeOf<{ readonly a: Settled<string>; readonly b: Settled<number | undefined> }>();
          if (needs.a.status === "completed") expectTypeOf(needs.a.output).toEqualTypeOf<string>();
          else if (needs.a.status === "failed") expectTypeOf(needs.a.error).toEqualTypeOf<Failure>();
          else expectTypeOf(needs.a.reason).toEqualTypeOf<string>();
          if (needs.b.status === "completed") expectTypeOf(needs.b.output).toEqualTypeOf<number>();
        },
      });
      w.task("any", {
        needs: { a, b },
        join: "any",
        rest: "cancel",
        run: ({ needs }) => expectTypeOf(needs).toEqualTypeOf<{ readonly a?: string; readonly b?: number }>(),
      });
      return w.task("quorum", {
        needs: { a, b },
        join: { quorum: 1 },
        input: ({ needs }) => {
          expectTypeOf(needs).toEqualTypeOf<{ readonly a?: string; readonly b?: number }>();
          return 1;
        },
        run: (one) => one,
      });
    }) satisfies Handle<number>;
  });
});

describe("choose", () => {
  test("is a union of { branch, output }; a branch sees the needs it was given, own names before them", () => {
    const made = build((w) => {
      const a = w.task("a", { run: () => 1 });
      const b = w.task("b", { run: () => "b" });
      return w.choose("route", {
        needs: { a, b },
        by: ({ needs, input }) => (needs.a > input.market.length ? "approved" : "rejected"),
        branches: {
          approved: (w) => {
            const one = w.task("one", { run: ({ needs }) => needs.a + needs.b.length });
            return w.task("two", {
              needs: { b: one },
              run: ({ needs }) => {
                expectTypeOf(needs).toEqualTypeOf<{ readonly a: number; readonly b: number }>();
                return new Date(needs.b);
              },
            });
          },
          rejected: (w) => ({ told: w.task("tell", { run: () => true, when: () => true }) }),
          neither: () => {},
        },
      });
    });
    type Expected =
      | { readonly branch: "approved"; readonly output: string }
      | { readonly branch: "rejected"; readonly output: { readonly told: boolean | undefined } }
      | { readonly branch: "neither"; readonly output: { readonly [id: string]: unknown } };
    expectTypeOf(made).toEqualTypeOf<Handle<Expected>>();
  });
});

describe("a workflow", () => {
  test("takes the schema's input from callers, shows its output to steps, and answers what is returned", () => {
    const schema = z.object({ since: z.coerce.date(), limit: z.number().default(3) });
    const flow = workflow({ ...head, input: schema }, (w) => ({
      a: w.task("a", {
        run: ({ input }) => expectTypeOf(input).toEqualTypeOf<{ since: string; limit: number }>() && 1,
      }),
      b: w.task("b", { run: () => "b", when: () => true }),
    }));
    expectTypeOf<InputOf<typeof flow>>().toEqualTypeOf<z.input<typeof schema>>();
    expectTypeOf<OutputOf<typeof flow>>().toEqualTypeOf<{ readonly a: number; readonly b: string | undefined }>();
    expectTypeOf(flow).toExtend<Workflow>();
  });

  test("without a schema takes anything; one step alone or none may be its output", () => {
    const one = workflow(head, (w) => w.task("a", { run: () => "x", when: () => true }));
    expectTypeOf(one).toEqualTypeOf<Workflow<unknown, string | null>>();
    const none = workflow(head, (w) => void w.task("a", { run: () => 1 }));
    expectTypeOf<OutputOf<typeof none>>().toEqualTypeOf<{ readonly [id: string]: unknown }>();
  });
});

test("Stored is what JSON makes of a value", () => {
  class Money {
    toJSON(): { cents: number } {
      return { cents: 1 };
    }
  }
  expectTypeOf<Stored<{ a: Date; b?: Money; c: () => void; d: bigint[]; [Symbol.iterator]: 1 }>>().toEqualTypeOf<{
    a: string;
    b?: { cents: number };
    c: never;
    d: never[];
  }>();
  expectTypeOf<Stored<void>>().toEqualTypeOf<null>();
  expectTypeOf<Stored<Date | undefined>>().toEqualTypeOf<string | null>();
  expectTypeOf<Stored<unknown>>().toEqualTypeOf<unknown>();
  expectTypeOf<Stored<never>>().toEqualTypeOf<never>();
  expectTypeOf<Stored<readonly [1, Date?]>>().toEqualTypeOf<readonly [1, (string | null)?]>();
});
