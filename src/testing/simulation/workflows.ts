/** Random workflows: every way of needing, choosing, failing and limiting that a definition knows. */
import { ERROR_KINDS } from "../../errors.ts";
import type {
  AgentSelector,
  ErrorHandlers,
  Fragment,
  Handler,
  Join,
  Step,
  WorkflowDefinition,
} from "../../workflow/definition.ts";
import { PRIORITIES } from "../../workflow/definition.ts";
import type { Dice } from "./dice.ts";

/** The names in a definition's code; what stands behind them is in behaviour.ts. */
export const CODE = {
  run: "run",
  input: "input",
  when: "when",
  by: "by",
  onError: "onError",
  schema: "schema",
} as const;

const BRANCHES = ["b0", "b1"];
/** Comes some time after each engine has opened. */
export const LATECOMER = "cy";

const SELECTORS: readonly AgentSelector[] = [
  { id: "ada" },
  { id: "bob" },
  { capabilities: ["count"] },
  { capabilities: ["count"], version: "^2" },
  { capabilities: ["count", "write"], any: true },
  { id: LATECOMER },
];
/** Nobody is called so: its steps wait until schedule-to-start is over. */
const NOBODY: AgentSelector = { id: "nobody" };

export function randomWorkflow(dice: Dice, id: string): WorkflowDefinition {
  return {
    tutti: "1",
    id,
    version: "1",
    ...fragment(dice, 0),
    ...dice.maybe(0.4, () => ({ concurrency: dice.between(1, 3) })),
    ...dice.maybe(0.2, () => ({ failFast: true })),
    ...dice.maybe(0.3, () => ({ onFailure: "partial" as const })),
    ...dice.maybe(0.1, () => ({ onError: handlers(dice) })),
    ...dice.maybe(0.3, () => ({ retry: { maximumAttempts: dice.between(1, 3) } })),
  };
}

function fragment(dice: Dice, depth: number): Fragment {
  const size = depth === 0 ? dice.between(1, 6) : dice.between(0, 3);
  const steps: Record<string, Step> = {};
  for (let index = 0; index < size; index++) steps[`s${index}`] = step(dice, index, depth);
  return { steps };
}

function step(dice: Dice, index: number, depth: number): Step {
  const base = { ...needs(dice, index), ...rules(dice) };
  if (depth < 2 && dice.chance(0.12)) {
    const names = BRANCHES.slice(0, dice.between(1, 2));
    const branches = Object.fromEntries(names.map((name) => [name, fragment(dice, depth + 1)]));
    return { kind: "choose", by: { code: CODE.by }, branches, ...base };
  }
  const work = dice.chance(0.4) ? { agent: selector(dice) } : { run: { code: CODE.run } };
  return {
    kind: "task",
    ...work,
    ...base,
    ...dice.maybe(0.25, () => input(dice, Object.keys(base.needs ?? {}))),
    ...dice.maybe(0.1, () => ({ output: { code: CODE.schema } })),
  };
}

function needs(dice: Dice, index: number): Pick<Step, "needs" | "join" | "rest"> {
  const ids: string[] = [];
  for (let back = 1; back <= 3 && back <= index; back++) if (dice.chance(0.45)) ids.push(`s${index - back}`);
  if (ids.length === 0) return {};
  const join = dice.pick<Join>(["all", "all", "settled", "any", { quorum: dice.between(1, ids.length) }]);
  const some = join !== "all" && join !== "settled";
  return {
    needs: Object.fromEntries(ids.map((id) => [id, id])),
    join,
    ...(some && dice.maybe(0.4, () => ({ rest: "cancel" as const }))),
  };
}

function rules(dice: Dice): Omit<Step, "kind" | "needs"> {
  return {
    ...dice.maybe(0.15, () => ({ when: { code: CODE.when } })),
    ...dice.maybe(0.25, () => ({ onError: handlers(dice) })),
    ...dice.maybe(0.25, () => ({ retry: { maximumAttempts: dice.between(1, 4) } })),
    ...dice.maybe(0.3, () => ({ priority: dice.pick(PRIORITIES) })),
    ...dice.maybe(0.2, () => ({ estimateMs: dice.between(1, 10) * 100 })),
    ...dice.maybe(0.05, () => ({ timeout: { scheduleToStartMs: dice.between(1, 10) * 100 } })),
    ...dice.maybe(0.05, () => ({ timeout: { totalMs: dice.between(5, 30) * 100 } })),
  };
}

function handlers(dice: Dice): ErrorHandlers {
  const count = dice.between(1, 3);
  return Object.fromEntries(Array.from({ length: count }, () => [dice.pick(ERROR_KINDS), handler(dice)]));
}

function handler(dice: Dice): Handler {
  return dice.pick<Handler>(["retry", "skip", "fail", { code: CODE.onError }, { fallback: selector(dice) }]);
}

function selector(dice: Dice): AgentSelector {
  return dice.chance(0.03) ? NOBODY : dice.pick(SELECTORS);
}

function input(dice: Dice, names: readonly string[]): Pick<Extract<Step, { kind: "task" }>, "input"> {
  if (dice.chance(0.5)) return { input: { code: CODE.input } };
  return { input: { all: "${input}", text: "plain", of: names.map((name) => `\${needs.${name}}`) } };
}
