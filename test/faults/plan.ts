/** Random workflows as data, so that parent and child speak of the same: every shape, join and kind of failure. */
import { type Random, seeded } from "../../src/std/random.ts";
import type { ErrorKind } from "../../src/errors.ts";

/** What a step is and what it will do. Its behaviour depends on nothing but the attempt's number. */
export interface StepPlan {
  readonly id: string;
  /** Name → step of the same scope. */
  readonly needs: Readonly<Record<string, string>>;
  readonly join?: "settled" | "any" | { readonly quorum: number };
  readonly rest?: "cancel";
  /** What its condition answers. */
  readonly when?: boolean;
  /** Inline code, a function agent, a program, or one of several branches. */
  readonly by: "inline" | "agent" | "program" | "choose";
  /** How long its work takes. */
  readonly ms: number;
  /** Attempts that fail, and as what; 99: all. */
  readonly fails: number;
  readonly kind: ErrorKind;
  /** Attempts that fail do so by not ending until their time is over. */
  readonly hangs?: true;
  /** Its output is too large to lie in a row. */
  readonly large?: true;
  readonly attempts: number;
  readonly handler?: Handler;
  readonly branches?: Readonly<Record<string, readonly StepPlan[]>>;
  readonly take?: string;
}

interface Handler {
  readonly choice: "skip" | "fail" | "retry" | { readonly fallback: "helper" };
  /** Written as a function rather than as a literal. */
  readonly asked: boolean;
}

export interface RunPlan {
  readonly id: string;
  readonly steps: readonly StepPlan[];
  readonly onFailure: "fail" | "partial";
  readonly failFast: boolean;
  readonly concurrency: number | null;
  /** Is paused and resumed now and then; is stopped at some time. */
  readonly pauses: boolean;
  readonly stops?: "cancel" | "kill";
  /** How each step ends follows from the plan alone: no races by design. */
  readonly certain: boolean;
}

const KINDS: readonly ErrorKind[] = ["agent_error", "timeout", "connection_error", "rate_limit", "validation_error"];
/** Programs take a few ms to start: enough of them to be hit, few enough to get anywhere. */
const PROGRAMS_PER_RUN = 3;

export function randomRuns(seed: number, count: number): readonly RunPlan[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => new Planner(random).run(`run-${index}`));
}

class Planner {
  private readonly random: Random;
  private programs = 0;
  private racy = false;

  constructor(random: Random) {
    this.random = random;
  }

  run(id: string): RunPlan {
    const steps = this.steps(this.size(), 0);
    const failFast = this.chance(0.1);
    const stops = this.chance(0.15) ? this.oneOf(["cancel", "kill"] as const) : undefined;
    return {
      id,
      steps,
      onFailure: this.chance(0.3) ? "partial" : "fail",
      failFast,
      concurrency: this.chance(0.3) ? this.below(3) + 1 : null,
      pauses: this.chance(0.3),
      ...(stops && { stops }),
      certain: !this.racy && !failFast && !stops,
    };
  }

  /** Mostly small, now and then 200. */
  private size(): number {
    return this.chance(0.1) ? 100 + this.below(101) : 5 + this.below(this.chance(0.3) ? 90 : 30);
  }

  private steps(count: number, depth: number): readonly StepPlan[] {
    const shape = depth > 0 ? "chain" : this.oneOf(["chain", "fan", "layers", "random"] as const);
    const steps: StepPlan[] = [];
    for (let at = 0; at < count; at++) steps.push(this.step(`s${at}`, this.needs(shape, at, count), depth));
    return steps;
  }

  private needs(shape: "chain" | "fan" | "layers" | "random", at: number, count: number): readonly number[] {
    if (at === 0) return [];
    switch (shape) {
      case "chain":
        return [at - 1];
      case "fan":
        return at === count - 1 ? Array.from({ length: at - 1 }, (_, n) => n + 1) : [0];
      case "layers": {
        const layer = Math.floor(at / 5);
        return layer === 0 ? [] : this.some(5, (n) => (layer - 1) * 5 + n, 3);
      }
      case "random":
        return this.chance(0.15) ? [] : this.some(Math.min(at, 12), (n) => at - 1 - n, 4);
    }
  }

  private step(id: string, needed: readonly number[], depth: number): StepPlan {
    const needs = Object.fromEntries(needed.map((need) => [`n${need}`, `s${need}`]));
    const kind = this.chance(0.01) ? "critical_error" : this.oneOf(KINDS);
    const fails = this.chance(0.15) ? (this.chance(0.3) ? 99 : 1 + this.below(3)) : 0;
    if (fails > 0 && kind === "critical_error") this.racy = true;
    const by = this.way(depth);
    const hangs = fails > 0 && kind === "timeout" && (by === "inline" || by === "agent");
    return {
      id,
      needs,
      ...this.joined(needed.length),
      ...(this.chance(0.1) && { when: this.chance(0.6) }),
      by,
      ms: this.work(by, hangs),
      fails: by === "choose" ? 0 : fails,
      kind: by === "program" ? "agent_error" : kind,
      ...(hangs && { hangs }),
      ...(by !== "program" && this.chance(0.04) && { large: true }),
      attempts: 1 + this.below(3),
      ...(fails > 0 && this.chance(0.4) && { handler: this.handler() }),
      ...(by === "choose" && this.branches(depth)),
    };
  }

  /** Where a time-out is near, work takes none; some programs outlive their engine until the next is up. */
  private work(by: StepPlan["by"], hangs: boolean): number {
    if (hangs || this.chance(0.3)) return 0;
    return by === "program" && this.chance(0.4) ? 500 : this.below(50);
  }

  private joined(needs: number): Pick<StepPlan, "join" | "rest"> {
    if (needs < 2 || this.chance(0.6)) return {};
    if (this.chance(0.4)) return { join: "settled" };
    const join = this.chance(0.5) ? "any" : { quorum: 1 + this.below(needs) };
    if (!this.chance(0.2)) return { join };
    this.racy = true;
    return { join, rest: "cancel" };
  }

  private way(depth: number): StepPlan["by"] {
    if (this.programs < PROGRAMS_PER_RUN && this.chance(0.06)) {
      this.programs++;
      return "program";
    }
    if (depth < 2 && this.chance(0.07)) return "choose";
    return this.chance(0.2) ? "agent" : "inline";
  }

  private branches(depth: number): Pick<StepPlan, "branches" | "take"> {
    const branches = {
      a: this.steps(1 + this.below(3), depth + 1),
      b: this.steps(this.below(3), depth + 1),
    };
    return { branches, take: this.oneOf(["a", "b"]) };
  }

  private handler(): Handler {
    const choice = this.oneOf(["skip", "fail", "retry", { fallback: "helper" }] as const);
    return { choice, asked: this.chance(0.5) };
  }

  private some(among: number, nth: (n: number) => number, most: number): readonly number[] {
    const found = new Set<number>();
    for (let n = 1 + this.below(most); n > 0; n--) found.add(nth(this.below(among)));
    return [...found];
  }

  private chance(p: number): boolean {
    return this.random() < p;
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }

  private oneOf<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** A step by its path in a run, with what it may look at: the ends of its own needs, then those passed in. */
export interface PlacedStep {
  readonly path: string;
  readonly plan: StepPlan;
  /** By name: whose end it is shown, and whether as a `settled` join shows it. */
  readonly sees: ReadonlyMap<string, { readonly path: string; readonly settled: boolean }>;
}

/** Every step there can be, by path. */
export function placedSteps(run: RunPlan): ReadonlyMap<string, PlacedStep> {
  const placed = new Map<string, PlacedStep>();
  const place = (steps: readonly StepPlan[], prefix: string, passed: PlacedStep["sees"]): void => {
    for (const plan of steps) {
      const path = `${prefix}${plan.id}`;
      const own = Object.entries(plan.needs).map(
        ([name, need]) => [name, { path: `${prefix}${need}`, settled: plan.join === "settled" }] as const,
      );
      const sees = new Map([...passed, ...own]);
      placed.set(path, { path, plan, sees });
      for (const [name, inner] of Object.entries(plan.branches ?? {})) place(inner, `${path}:${name}/`, sees);
    }
  };
  place(run.steps, "", new Map());
  return placed;
}
