/** What the code of simulated workflows does: mostly its work, at times everything an agent should not. */
import type { Context } from "../../agent/context.ts";
import type { ErrorKind } from "../../errors.ts";
import { ERROR_KINDS, TaskError } from "../../errors.ts";
import type { Clock } from "../../std/clock.ts";
import { sleep } from "../../std/clock.ts";
import type { HandlerChoice } from "../../workflow/definition.ts";
import type { Reply } from "../agents.ts";
import { perform } from "../agents.ts";
import type { Counts } from "./counts.ts";
import type { Dice } from "./dice.ts";
import { CODE } from "./workflows.ts";

/** How often each happens, in a hundred or so calls. */
const WEIGHTS = {
  atOnce: 42,
  afterAWhile: 30,
  fails: 12,
  talks: 4,
  late: 4,
  hangs: 3,
  hangsForGood: 2,
  twice: 2,
  notJson: 1,
  large: 0.5,
  critical: 0.5,
} as const;

const LARGE = "x".repeat(70_000);
/** Times are multiples of this, so that things happen at the same instant. */
const TICK_MS = 50;

export interface BehaviourParts {
  readonly dice: Dice;
  /** Goes on when an engine dies: what its agents had begun still ends, later. */
  readonly clock: Clock;
  readonly counts: Counts;
}

export class Behaviour {
  /** Mappings of inputs and checks of results under way: they hold places that nobody outside the engine sees. */
  unseen = 0;
  private readonly parts: BehaviourParts;
  private answers = 0;

  constructor(parts: BehaviourParts) {
    this.parts = parts;
  }

  /** What definitions only name. */
  code(): ReadonlyMap<string, unknown> {
    const { dice } = this.parts;
    return new Map<string, unknown>([
      [CODE.run, (_input: unknown, context: Context) => this.work(context)],
      [CODE.input, () => this.mapped()],
      [CODE.when, () => this.evaluated(() => dice.chance(0.7))],
      [CODE.by, () => this.evaluated(() => dice.weighted({ b0: 60, b1: 36, nowhere: 4 }))],
      [CODE.onError, () => this.evaluated(() => this.choice())],
      [
        CODE.schema,
        { "~standard": { version: 1, vendor: "simulated", validate: (value: unknown) => this.checked(value) } },
      ],
    ]);
  }

  /** What the function of an agent or a step does. */
  work(context: Context): unknown {
    const { dice, clock, counts } = this.parts;
    const how = dice.weighted(WEIGHTS);
    counts.add(`agent ${how}`);
    return perform(this.reply(how), context, clock);
  }

  private reply(how: keyof typeof WEIGHTS): Reply {
    const returns = { answer: ++this.answers };
    switch (how) {
      case "atOnce":
        return { returns };
      case "afterAWhile":
        return { returns, afterMs: this.ms(0, 20) };
      case "fails":
        return { ...(this.parts.dice.chance(0.5) && { afterMs: this.ms(0, 10) }), fails: this.failure() };
      case "talks":
        return { returns, afterMs: this.ms(1, 10), progress: [0.25, 0.5], logs: ["half", "more"] };
      case "late":
        return { returns, afterMs: this.ms(20, 200), ignoresAbort: true };
      case "hangs":
        return { never: true };
      case "hangsForGood":
        return { never: true, ignoresAbort: true };
      case "twice":
        return { returns, returnsAgain: "another" };
      case "notJson":
        return { returns: 1n };
      case "large":
        return { returns: { ...returns, LARGE } };
      case "critical":
        return { fails: "critical_error" };
    }
  }

  private failure(): NonNullable<Reply["fails"]> {
    const { dice } = this.parts;
    const kind = dice.pick<ErrorKind>(ERROR_KINDS.filter((one) => one !== "critical_error"));
    return { kind, ...(kind === "rate_limit" && { retryAfterMs: this.ms(1, 10) }) };
  }

  private choice(): HandlerChoice {
    return this.parts.dice.pick<HandlerChoice>(["retry", "skip", "fail", { fallback: { id: "ada" } }]);
  }

  private mapped(): unknown {
    return this.counted(this.evaluated(() => ({ mapped: ++this.answers })));
  }

  private checked(value: unknown): unknown {
    const fine = this.parts.dice.chance(0.9);
    return this.counted(this.evaluated(() => (fine ? { value } : { issues: [{ message: "it does not fit" }] })));
  }

  private counted(value: unknown): unknown {
    if (!(value instanceof Promise)) return value;
    this.unseen++;
    return value.finally(() => void this.unseen--);
  }

  /** At once, later, never in time, or not at all. */
  private evaluated<T>(make: () => T): T | Promise<T> {
    const { dice, clock, counts } = this.parts;
    const how = dice.weighted({ sync: 70, async: 20, throws: 5, late: 5 });
    counts.add(`evaluation ${how}`);
    if (how === "throws") throw new TaskError("agent_error", "the condition is broken");
    if (how === "sync") return make();
    return sleep(clock, this.ms(0, how === "async" ? 4 : 40)).then(make);
  }

  private ms(least: number, most: number): number {
    return TICK_MS * this.parts.dice.between(least, most);
  }
}
