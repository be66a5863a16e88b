/** What must not compile. Held by tsc: a line that compiles after all is an error there. Nothing here is called. */
import { expect, test } from "vitest";
import { z } from "zod";
import { agent } from "../agent/define.ts";
import type { Builder } from "./builder.ts";
import { workflow } from "./define.ts";
import type { Handle, Workflow } from "./types.ts";

const cmo = agent({ id: "cmo", capabilities: [], run: (input: { target: string }) => input.target });
const picky = agent({ id: "picky", capabilities: [], run: (input: { needs: { a: string } }) => input });
const run = () => 1;

function steps(w: Builder<{ market: string }>, a: Handle<{ size: number }>): void {
  // @ts-expect-error a need that was not named
  w.task("x", { needs: { a }, run: ({ needs }) => needs.b });
  // @ts-expect-error a member the need does not have
  w.task("x", { needs: { a }, run: ({ needs }) => needs.a.sise });
  // @ts-expect-error a member the run's input does not have
  w.task("x", { run: ({ input }) => input.maket });
  // @ts-expect-error a need that is no handle
  w.task("x", { needs: { a: "a" }, run });
  // @ts-expect-error a list of needs
  w.task("x", { needs: [a], run });
  // @ts-expect-error a parameter of another type than what the step gets
  w.task("x", { run: (input: string) => input });
  // @ts-expect-error a parameter of another type than what the mapping makes
  w.task("x", { input: () => ({ n: 1 }), run: (input: { n: string }) => input });
  // @ts-expect-error an option there is not
  w.task("x", { neds: { a }, run });
  // @ts-expect-error nobody to do the work
  w.task("x", { input: { a: 1 } });
  // @ts-expect-error two who would do it
  w.task("x", { agent: "cfo", run });
  // @ts-expect-error an output that may be missing
  w.task("x", { needs: { b: w.task("b", { when: () => true, run: () => "b" }) }, run: ({ needs }) => needs.b.length });
  // @ts-expect-error what has not been asked for its status
  w.task("x", { needs: { a }, join: "settled", run: ({ needs }) => needs.a.output });
  // @ts-expect-error what any may leave out
  w.task("x", { needs: { a }, join: "any", run: ({ needs }) => needs.a.size });
  // @ts-expect-error a condition that is no boolean
  w.task("x", { when: ({ input }) => input.market, run });
  // @ts-expect-error an undo that expects another output
  w.task("x", { run, undo: ({ output }: { output: string | null }) => output });
}

function options(w: Builder<{ market: string }>): void {
  // @ts-expect-error a join
  w.task("x", { join: "setled", run });
  // @ts-expect-error a rest
  w.task("x", { join: "any", rest: "stop", run });
  // @ts-expect-error a priority
  w.task("x", { priority: "hgh", run });
  // @ts-expect-error a kind to retry on
  w.task("x", { retry: { retryOn: ["timeot"] }, run });
  // @ts-expect-error an option of retry
  w.task("x", { retry: { attempts: 3 }, run });
  // @ts-expect-error a timeout
  w.task("x", { timeout: { close: "5s" }, run });
  // @ts-expect-error a kind with a handler
  w.task("x", { onError: { timout: "skip" }, run });
  // @ts-expect-error a kind with a handler, beside one that is right
  w.task("x", { onError: { timeout: "skip", validaton_error: () => "skip" }, run });
  // @ts-expect-error a handler's choice
  w.task("x", { onError: { timeout: "skipp" }, run });
  // @ts-expect-error a handler function's choice
  w.task("x", { onError: { timeout: () => "skipp" }, run });
}

function agents(w: Builder<{ market: string }>, a: Handle<{ size: number }>): void {
  // @ts-expect-error an input that has to be mapped
  w.task("x", { agent: cmo });
  // @ts-expect-error an input that does not fit the default
  w.task("x", { agent: picky, needs: { a } });
  // @ts-expect-error a mapping to something else
  w.task("x", { agent: cmo, input: ({ input }) => ({ target: input.market.length }) });
  // @ts-expect-error a literal that is something else
  w.task("x", { agent: cmo, input: { trget: "x" } });
  // @ts-expect-error an option of a selector
  w.task("x", { agent: { capabilty: "finance" } });
  // @ts-expect-error a schema that does not accept what the agent gives
  w.task("x", { agent: cmo, input: { target: "x" }, output: z.number() });
  // @ts-expect-error a schema that does not accept what the function gives
  w.task("x", { run: () => ({ n: 1 }), output: z.object({ n: z.string() }) });
  // @ts-expect-error a schema of dates: what comes from the store is a text
  w.task("x", { run: () => ({ at: new Date(0) }), output: z.object({ at: z.date() }) });
}

function scopes(w: Builder<{ market: string }>, a: Handle<{ size: number }>): void {
  // @ts-expect-error a branch there is not
  w.choose("x", { by: () => "c", branches: { b: () => {} } });
  // @ts-expect-error a branch that is not there in one case
  w.choose("x", { needs: { a }, by: ({ needs }) => (needs.a.size > 1 ? "b" : "c"), branches: { b: () => {} } });
  // @ts-expect-error no branches
  w.choose("x", { by: () => "b" });
  // @ts-expect-error a branch that returns something else
  w.choose("x", { by: () => "b", branches: { b: () => 7 } });
  // @ts-expect-error a need that the choose did not pass
  w.choose("x", { by: () => "b", branches: { b: (w) => w.task("y", { run: ({ needs }) => needs.a }) } });
}

function workflows(): void {
  // @ts-expect-error a callback that is async
  workflow({ id: "x", version: "1" }, async (w) => w.task("a", { run }));
  // @ts-expect-error an output that is no handle
  workflow({ id: "x", version: "1" }, () => ({ a: 1 }));
  // @ts-expect-error no version
  workflow({ id: "x" }, () => {});
  // @ts-expect-error an option there is not
  workflow({ id: "x", version: "1", concurency: 3 }, () => {});
  const taking = null as unknown as Workflow<{ n: number }, string>;
  // @ts-expect-error a workflow that takes something else
  taking satisfies Workflow<{ n: string }>;
  // @ts-expect-error a workflow that answers something else
  taking satisfies Workflow<{ n: number }, number>;
}

test("misuse is refused by tsc, and nothing of it runs here", () => {
  for (const refused of [steps, options, agents, scopes, workflows]) expect(refused).toBeTypeOf("function");
});
