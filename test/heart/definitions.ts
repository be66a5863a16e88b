/** Random definitions: every feature of a step that the heart knows, on graphs of up to 40 steps. */
import fc from "fast-check";
import { ERROR_KINDS } from "../../src/errors.ts";
import type {
  ErrorHandlers,
  Fragment,
  Handler,
  Join,
  Step,
  WorkflowDefinition,
} from "../../src/workflow/definition.ts";

/** The names of a fragment's steps stand for their order: s7 may need s0 to s6. */
const idOf = (index: number): string => `s${index}`;

const handler: fc.Arbitrary<Handler> = fc.oneof(
  fc.constantFrom<Handler>("retry", "skip", "fail", { code: "x.onError" }),
  fc.constantFrom("a", "b").map((id): Handler => ({ fallback: { id } })),
);

const handlers: fc.Arbitrary<ErrorHandlers> = fc
  .array(fc.tuple(fc.constantFrom(...ERROR_KINDS), handler), { maxLength: 3 })
  .map((entries): ErrorHandlers => Object.fromEntries(entries));

const retry = fc.record(
  {
    maximumAttempts: fc.integer({ min: 1, max: 3 }),
    initialIntervalMs: fc.integer({ min: 1, max: 1_000 }),
    retryOn: fc.subarray(ERROR_KINDS.slice(0, 5)),
  },
  { requiredKeys: [] },
);

const join: fc.Arbitrary<"all" | "settled" | "any" | "quorum"> = fc.oneof(
  { weight: 4, arbitrary: fc.constant("all" as const) },
  { weight: 5, arbitrary: fc.constantFrom("settled" as const, "any" as const, "quorum" as const) },
);

/** A step before its neighbours are known: how far back each need lies, and which branches it opens. */
interface Draft {
  readonly back: readonly number[];
  readonly join: "all" | "settled" | "any" | "quorum";
  readonly quorum: number;
  readonly rest: boolean;
  readonly when: boolean;
  readonly undo: boolean;
  readonly onError: ErrorHandlers | undefined;
  readonly retry: Step["retry"] | undefined;
  readonly branches: readonly Fragment[];
}

const often = <T>(arbitrary: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: weight });

function draft(depth: number): fc.Arbitrary<Draft> {
  const branches = depth === 0 ? fc.constant([]) : fc.array(fragment(depth - 1, 5), { minLength: 1, maxLength: 2 });
  return fc.record({
    back: fc.uniqueArray(fc.nat({ max: 8 }), { maxLength: 4 }),
    join,
    quorum: fc.nat({ max: 3 }),
    rest: fc.boolean(),
    when: fc.nat({ max: 4 }).map((n) => n === 0),
    undo: fc.nat({ max: 6 }).map((n) => n === 0),
    onError: often(handlers, 1),
    retry: often(retry, 1),
    branches: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: branches }),
  });
}

function stepOf(draft: Draft, index: number): Step {
  const needs = draft.back.map((back) => index - 1 - back).filter((need) => need >= 0);
  const quorum: Join = { quorum: 1 + (draft.quorum % Math.max(1, needs.length)) };
  const base = {
    ...(needs.length > 0 && {
      needs: Object.fromEntries(needs.map((need) => [`n${need}`, idOf(need)])),
      join: draft.join === "quorum" ? quorum : draft.join,
    }),
    ...(draft.rest && { rest: "cancel" as const }),
    ...(draft.when && { when: { code: "x.when" } }),
    ...(draft.undo && { undo: { code: "x.undo" } }),
    ...(draft.onError && { onError: draft.onError }),
    ...(draft.retry && { retry: draft.retry }),
  };
  if (draft.branches.length === 0) return { kind: "task", run: { code: "x.run" }, ...base };
  const branches = Object.fromEntries(draft.branches.map((branch, b) => [`b${b}`, branch]));
  return { kind: "choose", by: { code: "x.by" }, branches, ...base };
}

/** With no step at all now and then: an empty branch does nothing and is done. */
function fragment(depth: number, maxSteps: number): fc.Arbitrary<Fragment> {
  return fc
    .array(draft(depth), { maxLength: maxSteps, size: "max" })
    .map((drafts): Fragment => ({ steps: Object.fromEntries(drafts.map((d, i) => [idOf(i), stepOf(d, i)])) }));
}

export const definitions: fc.Arbitrary<WorkflowDefinition> = fc
  .record({
    steps: fc.array(draft(2), { minLength: 1, maxLength: 40, size: "max" }),
    failFast: fc.nat({ max: 3 }).map((n) => n === 0),
    partial: fc.nat({ max: 2 }).map((n) => n === 0),
    onError: often(handlers, 3),
    retry: often(retry, 1),
  })
  .map(({ steps, failFast, partial, onError, retry: policy }) => ({
    tutti: "1",
    id: "random",
    version: "1",
    steps: Object.fromEntries(steps.map((d, i) => [idOf(i), stepOf(d, i)])),
    ...(failFast && { failFast }),
    ...(partial && { onFailure: "partial" as const }),
    ...(onError && { onError }),
    ...(policy && { retry: policy }),
  }));
