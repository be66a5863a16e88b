/** What one seed is about: workflows, agents, limits, and everything that will be done to them and when. */
import type { EngineLimits } from "../../engine/parts.ts";
import type { RunOptions } from "../../run/events.ts";
import type { WorkflowDefinition } from "../../workflow/definition.ts";
import { PRIORITIES } from "../../workflow/definition.ts";
import { DEFAULTS } from "../../workflow/policy.ts";
import type { AgentCard } from "../../agent/card.ts";
import type { Dice } from "./dice.ts";
import { LATECOMER, randomWorkflow } from "./workflows.ts";

export type Verb = "pause" | "cancel" | "kill" | "variables" | "look" | "follow";

export interface PlannedRun {
  readonly id: string;
  readonly definition: WorkflowDefinition;
  readonly options: Partial<RunOptions>;
  readonly atMs: number;
  /** Asked for twice at the same time: it must be one run. */
  readonly twice: boolean;
}

export interface Scenario {
  readonly limits: Partial<EngineLimits>;
  readonly agents: readonly Pick<AgentCard, "id" | "capabilities" | "version" | "maxConcurrency">[];
  readonly runs: readonly PlannedRun[];
  readonly commands: readonly { readonly atMs: number; readonly run: string; readonly verb: Verb }[];
  readonly crashes: readonly number[];
  readonly shutdowns: readonly number[];
  readonly jumps: readonly { readonly atMs: number; readonly ms: number }[];
  /** Of each commit and blob, while it lasts. */
  readonly faults: { readonly crash: number; readonly refuse: number; readonly slow: number; readonly untilMs: number };
  /** The engine that opens after a death may not have the code at first. */
  readonly forgetsCode: number;
}

const HOUR = 3_600_000;

export function randomScenario(dice: Dice): Scenario {
  const definitions = Array.from({ length: dice.between(1, 2) }, (_, n) => randomWorkflow(dice, `w${n}`));
  const runs = Array.from({ length: dice.between(1, 4) }, (_, n) => plannedRun(dice, definitions, n));
  const times = (probability: number, most: number): number[] =>
    dice.chance(probability) ? Array.from({ length: dice.between(1, most) }, () => dice.between(0, 80) * 50) : [];
  const rough = dice.chance(0.5);
  return {
    limits: {
      maxConcurrentRuns: dice.between(1, 4),
      maxConcurrentTasks: dice.between(1, 4),
      abortGraceMs: 500,
      shutdownGraceMs: dice.pick([0, 300, 1_000]),
      evaluateMs: 400,
      maxResultBytes: dice.pick([50_000, 1_000_000]),
    },
    agents: [
      { id: "ada", capabilities: ["count", "write"], version: "1.0.0", maxConcurrency: dice.between(1, 2) },
      { id: LATECOMER, capabilities: ["count"], version: "2.0.0", maxConcurrency: 1 },
      { id: "bob", capabilities: ["count"], version: "2.1.0", maxConcurrency: dice.between(1, 2) },
    ],
    runs,
    commands: times(0.7, 4).map((atMs) => ({
      atMs,
      run: dice.pick(runs).id,
      verb: dice.weighted<Verb>({ pause: 5, cancel: 2, kill: 2, variables: 3, look: 2, follow: 2 }),
    })),
    crashes: times(0.3, 2),
    shutdowns: times(0.2, 1),
    jumps: times(0.2, 2).map((atMs) => ({ atMs, ms: dice.pick([-48 * HOUR, -HOUR, -1_000, 1_000, HOUR, 48 * HOUR]) })),
    faults: rough
      ? { crash: 0.06, refuse: 0.06, slow: 0.08, untilMs: 6_000 }
      : { crash: 0, refuse: 0, slow: 0, untilMs: 0 },
    forgetsCode: dice.chance(0.2) ? 0.5 : 0,
  };
}

function plannedRun(dice: Dice, definitions: readonly WorkflowDefinition[], n: number): PlannedRun {
  return {
    id: `run_${n}`,
    definition: dice.pick(definitions),
    options: {
      priority: dice.pick(PRIORITIES),
      retry: { ...DEFAULTS.retry, initialIntervalMs: 50, maximumIntervalMs: 400 },
      timeout: {
        scheduleToStartMs: dice.pick([2_000, 60_000]),
        startToCloseMs: dice.pick([500, 2_000]),
        totalMs: dice.pick([4_000, 60_000]),
      },
      runTimeoutMs: dice.chance(0.1) ? dice.between(1, 20) * 250 : 24 * HOUR,
      maxHandlerRounds: 2,
      maxRecoveries: dice.pick([1, 10]),
    },
    atMs: dice.between(0, 20) * 50,
    twice: dice.chance(0.1),
  };
}
