/** Begins attempts, times them, stops them, and turns the end of each into its one command (L4). */
import type { AgentCard } from "../agent/card.ts";
import { toFailure } from "../errors.ts";
import type { Failure } from "../errors.ts";
import type { Executor, Outcome } from "../executor/port.ts";
import type { Command, Token } from "../run/commands.ts";
import { andThen, isPromise } from "../std/eventually.ts";
import type { Seat } from "../task/order.ts";
import { LiveAttempt, timeoutFailure } from "./attempts.ts";
import type { AbortWhy } from "./attempts.ts";
import type { Cell } from "./cell.ts";
import { Deadlines } from "./deadlines.ts";
import type { Evaluator } from "./evaluate.ts";
import type { EngineParts } from "./parts.ts";

export interface ExecutionHooks {
  /** An attempt's one command. */
  readonly post: (cell: Cell, command: Command) => void;
  /** Its places are free. */
  readonly release: (cell: Cell, seat: Seat | undefined) => void;
  /** It said how far it is; it wrote a line that the next commit takes along. */
  readonly changed: (cell: Cell) => void;
  readonly logged: (cell: Cell) => void;
}

export class Execution {
  private readonly parts: EngineParts;
  private readonly evaluator: Evaluator;
  private readonly hooks: ExecutionHooks;
  private readonly executors = new Map<AgentCard, Executor>();
  private readonly inline = new WeakMap<object, Executor>();
  private readonly closing: Deadlines<LiveAttempt<Cell>>;
  private readonly total: Deadlines<LiveAttempt<Cell>>;
  private readonly grace: Deadlines<LiveAttempt<Cell>>;
  private running = 0;
  private idle: (() => void) | undefined;

  constructor(parts: EngineParts, evaluator: Evaluator, hooks: ExecutionHooks) {
    this.parts = parts;
    this.evaluator = evaluator;
    this.hooks = hooks;
    this.closing = new Deadlines(parts.clock, (live) => this.abort(live, "timeout"));
    this.total = new Deadlines(parts.clock, (live) => this.abort(live, "total"));
    this.grace = new Deadlines(parts.clock, (live) => this.giveUp(live));
  }

  addAgent(card: AgentCard, executor: Executor): void {
    this.executors.set(card, executor);
  }

  begin(cell: Cell, token: Token, input: string, seat: Seat | undefined): void {
    const instance = cell.run.instances.at(token.instance);
    const { store, clock, limits } = this.parts;
    const live = new LiveAttempt({
      cell,
      token,
      path: instance.path,
      input,
      seat,
      namespace: store.id,
      timeouts: { ...cell.run.options.timeout, ...instance.step.step.timeout },
      limits: {
        maxResultBytes: limits.maxResultBytes,
        logLines: limits.logLinesPerAttempt,
        logBytes: limits.logBytesPerAttempt,
      },
      now: () => clock.now(),
      onProgress: () => this.hooks.changed(cell),
      onLog: (line) => {
        cell.log(line);
        this.hooks.logged(cell);
      },
    });
    cell.attempts.set(token.instance, live);
    this.running++;
    this.closing.arm(live, live.timeouts.startToCloseMs);
    cell.begin(token.instance, clock.uptime());
    this.total.arm(live, Math.max(1, cell.leftOfTotal(token.instance, clock.uptime())));
    const outcome = this.execute(live);
    if (isPromise(outcome)) outcome.then((end) => this.end(live, end));
    else this.end(live, outcome);
  }

  /** Tells an attempt to stop; if it has not stopped when the grace is over it is given up. */
  abort(live: LiveAttempt<Cell>, why: AbortWhy): void {
    if (live.over || live.aborted) return;
    live.abort(why);
    this.grace.arm(live, this.parts.limits.abortGraceMs);
  }

  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void> {
    if (this.running === 0) return Promise.resolve();
    return new Promise((resolve) => (this.idle = resolve));
  }

  close(): void {
    this.closing.close();
    this.total.close();
    this.grace.close();
  }

  private execute(live: LiveAttempt<Cell>): Outcome | PromiseLike<Outcome> {
    const failed = (thrown: unknown): Outcome => ({ ok: false, failure: toFailure(thrown) });
    try {
      const outcome = this.executorOf(live).execute(live);
      return isPromise(outcome) ? outcome.then(undefined, failed) : outcome;
    } catch (thrown) {
      return failed(thrown);
    }
  }

  private executorOf({ seat, cell, token }: LiveAttempt<Cell>): Executor {
    const found = seat && this.executors.get(seat.card);
    if (found) return found;
    const { step } = cell.run.instances.at(token.instance).step;
    const code = step.kind === "task" && step.run ? this.parts.code.of(cell.run, step.run) : undefined;
    if (typeof code !== "function") throw new Error(`there is neither agent nor code for ${step.kind}`);
    let executor = this.inline.get(code);
    if (!executor) this.inline.set(code, (executor = this.parts.inline(code as (input: never) => unknown)));
    return executor;
  }

  private end(live: LiveAttempt<Cell>, outcome: Outcome): void {
    if (live.over) return this.late(live, outcome);
    const command = commandFor(live, outcome);
    if (command) return this.finish(live, command);
    const { cell, token } = live;
    const json = outcome.ok ? outcome.json : "null";
    const checked = this.evaluator.result(cell.run, cell.run.instances.at(token.instance), json);
    const ended = andThen(checked, (result): Command =>
      "failure" in result
        ? { type: "fail", token, failure: result.failure }
        : { type: "complete", token, output: result.output },
    );
    if (isPromise(ended)) ended.then((late) => this.finish(live, late));
    else this.finish(live, ended);
  }

  /** It had been given up: its word changes nothing, but it is kept. */
  private late({ cell, path, attempt }: LiveAttempt<Cell>, outcome: Outcome): void {
    if (cell.durable?.end !== undefined) return;
    const what = outcome.ok
      ? `a result of ${outcome.json.length} characters`
      : `a failure (${outcome.failure.message})`;
    const text = `attempt ${attempt} answered after it had been given up, and was not heard: ${what}`;
    cell.log({ path, attempt, at: this.parts.clock.now(), level: "warn", text });
    this.hooks.logged(cell);
  }

  private finish(live: LiveAttempt<Cell>, command: Command): void {
    if (live.over) return;
    live.over = true;
    const { cell, token, seat } = live;
    this.closing.disarm(live);
    this.total.disarm(live);
    this.grace.disarm(live);
    if (cell.attempts.get(token.instance) === live) cell.attempts.delete(token.instance);
    this.running--;
    this.hooks.release(cell, seat);
    this.hooks.post(cell, command);
    if (this.running === 0) this.idle?.();
  }

  private giveUp(live: LiveAttempt<Cell>): void {
    const { token } = live;
    const failure: Failure = { kind: "cancelled", message: "it did not stop when told to" };
    const command = commandFor(live, { ok: false, failure });
    if (command?.type === "stopped") this.finish(live, { type: "stopped", token, abandoned: true });
    else if (command) this.finish(live, command);
  }
}

/** `undefined`: a result that counts, to be checked and kept. */
function commandFor(live: LiveAttempt<Cell>, outcome: Outcome): Command | undefined {
  const { token, aborted, timeouts } = live;
  switch (aborted) {
    case "timeout":
      return { type: "fail", token, failure: timeoutFailure("timeout", timeouts.startToCloseMs) };
    case "total":
      return { type: "fail", token, failure: timeoutFailure("total", timeouts.totalMs), final: true };
    case "cancel":
    case "kill":
      return outcome.ok ? undefined : { type: "stopped", token };
    case "shutdown":
      return outcome.ok ? undefined : { type: "release", token, reason: "shutdown" };
    case undefined:
      return outcome.ok ? undefined : { type: "fail", token, failure: outcome.failure };
  }
}
