/**
 * The one loop that advances runs.
 *
 * Invariants
 *  L1  All that changes a run goes through a turn: take what came in, decide, evaluate, pick, commit, only then act.
 *  L2  Nothing is executed, aborted, acknowledged or shown before the commit that says so has resolved.
 *  L3  One turn at a time. What happens outside (an attempt's end, a timer, a caller) only posts.
 *  L4  Every attempt under way has one LiveAttempt and ends in exactly one command; a late word is not heard.
 *  L5  A commit that the disk refuses for now is tried again as it is; meanwhile nothing is acknowledged.
 *  L6  A turn that could not be finished was the last: memory is ahead of the journal, so nothing more is decided.
 */
import type { AgentCard } from "../agent/card.ts";
import { TuttiError } from "../errors.ts";
import type { Executor } from "../executor/port.ts";
import type { Command, Decision, Effect, Refusal } from "../run/commands.ts";
import { decide } from "../run/decide.ts";
import type { RunEvent } from "../run/events.ts";
import { isPromise } from "../std/eventually.ts";
import type { RunCommit } from "../store/port.ts";
import type { Cell } from "./cell.ts";
import { Dispatcher } from "./dispatch.ts";
import { Evaluator } from "./evaluate.ts";
import { Execution } from "./execute.ts";
import type { EngineParts } from "./parts.ts";
import { persist } from "./persist.ts";
import { Picks } from "./picks.ts";

interface Ack {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What came in: a command for a run, or a new run; and who waits for it to be durable. */
interface Message {
  readonly cell: Cell;
  readonly command: Command | Decision;
  readonly ack: Ack | undefined;
}

/** What a caller is told once the turn is durable: a refusal too, for it says how the run stands. */
interface Answer {
  readonly ack: Ack;
  readonly refusal: Refusal | undefined;
}

export interface LoopHooks {
  /** These are durable now. */
  readonly committed: (cell: Cell, events: readonly RunEvent[]) => void;
  /** An attempt spoke. */
  readonly changed: (cell: Cell) => void;
  /** Durable and over. */
  readonly ended: (cell: Cell) => void;
}

/** Messages of one turn: bounds how long a commit may grow and how long anyone waits for it. */
const MESSAGES_PER_TURN = 4_096;
const LOG_FLUSH_MS = 200;

export class Loop {
  readonly execution: Execution;
  readonly dispatcher: Dispatcher;
  private readonly parts: EngineParts;
  private readonly hooks: LoopHooks;
  private readonly evaluator: Evaluator;
  private readonly picks: Picks;
  private inbox: Message[] = [];
  private readonly dirty = new Set<Cell>();
  private readonly chatty = new Set<Cell>();
  private answers: Answer[] = [];
  private scheduled = false;
  private wanted = false;
  private turning: Promise<void> | undefined;
  private winding = false;
  private closed = false;
  private broken: { readonly error: unknown } | undefined;

  constructor(parts: EngineParts, hooks: LoopHooks) {
    this.parts = parts;
    this.hooks = hooks;
    const { clock, limits } = parts;
    this.evaluator = new Evaluator(parts, (json) =>
      persist(
        parts,
        () => parts.store.putBlob(json),
        () => this.closed,
      ),
    );
    this.dispatcher = new Dispatcher({
      clock,
      slots: limits.maxConcurrentTasks,
      wake: () => this.schedule(),
      expired: (cell, instance, failure) => this.post(cell, { type: "refuse", instance, failure }),
    });
    this.picks = new Picks({
      dispatcher: this.dispatcher,
      evaluator: this.evaluator,
      apply: (cell, command) => this.apply(cell, command),
      wake: () => this.schedule(),
    });
    this.execution = new Execution(parts, this.evaluator, {
      post: (cell, command) => this.post(cell, command),
      release: (cell, seat) => this.dispatcher.release(cell, seat),
      changed: hooks.changed,
      logged: (cell) => this.chat(cell),
    });
  }

  addAgent(card: AgentCard, executor: Executor): void {
    this.dispatcher.addAgent(card);
    this.execution.addAgent(card, executor);
    this.schedule();
  }

  post(cell: Cell, command: Command | Decision, ack?: Ack): void {
    if (this.broken) return ack?.reject(this.broken.error);
    this.inbox.push({ cell, command, ack });
    this.schedule();
  }

  /** Picks nothing more; what is under way goes on. A commit that is refused from now on is not tried again. */
  wind(): void {
    this.winding = true;
    this.picks.stop();
  }

  /** Resolves when nothing is waiting to be decided or committed; rejects when it never will be. */
  async drain(): Promise<void> {
    this.flushLogs();
    while (!this.broken && (this.inbox.length + this.picks.lateCount + this.dirty.size > 0 || this.turning)) {
      await (this.turning ?? this.turn());
    }
    if (this.broken) throw this.broken.error;
  }

  close(): void {
    this.closed = true;
    this.execution.close();
    this.dispatcher.close();
  }

  /** Log lines wait a little for company: nobody is owed a sync for each. */
  private chat(cell: Cell): void {
    if (this.chatty.size === 0) {
      this.parts.clock.after(LOG_FLUSH_MS, () => this.flushLogs());
    }
    this.chatty.add(cell);
  }

  private flushLogs(): void {
    for (const cell of this.chatty) if (cell.dirty) this.dirty.add(cell);
    this.chatty.clear();
    if (this.dirty.size > 0) this.schedule();
  }

  /** One more turn. Asked for while one is going, it follows: what woke us may have come after the last pick. */
  private schedule(): void {
    this.wanted = true;
    if (this.scheduled || this.turning || this.broken) return;
    this.scheduled = true;
    this.parts.clock.soon(() => {
      this.scheduled = false;
      void this.turn();
    });
  }

  private turn(): Promise<void> {
    this.turning ??= this.oneTurn()
      .catch((error: unknown) => this.break(error))
      .finally(() => {
        this.turning = undefined;
        if (this.wanted) this.schedule();
      });
    return this.turning;
  }

  /** L6. Whoever closes the engine is told; otherwise the process ends, and the next one reads the journal. */
  private break(error: unknown): void {
    this.broken = { error };
    for (const { ack } of [...this.answers, ...this.inbox]) ack?.reject(error);
    this.answers = [];
    this.inbox = [];
    if (!this.winding) throw error;
  }

  private async oneTurn(): Promise<void> {
    this.wanted = false;
    let taken = 0;
    do {
      taken += this.takeIn();
      this.picks.all();
    } while (this.inbox.length > 0 && taken < MESSAGES_PER_TURN);
    if (this.inbox.length > 0) this.wanted = true;
    this.dispatcher.timeTheRest();
    const cells = [...this.dirty];
    this.dirty.clear();
    const commits = cells.map((cell) => cell.takeCommit());
    if (commits.length > 0)
      await persist(
        this.parts,
        () => this.parts.store.commit(commits),
        () => this.winding,
      );
    this.tell();
    for (let i = 0; i < cells.length; i++) this.act(cells[i] as Cell, commits[i] as RunCommit);
  }

  private tell(): void {
    const { answers } = this;
    this.answers = [];
    for (const { ack, refusal } of answers) {
      if (refusal) ack.reject(new TuttiError(refusal.refused, refusal.data));
      else ack.resolve();
    }
  }

  /** Decides on what came in, at most a turn's worth; the rest keeps its place. */
  private takeIn(): number {
    this.picks.takeLate();
    const messages = this.inbox;
    const taken = Math.min(messages.length, MESSAGES_PER_TURN);
    this.inbox = [];
    for (let i = 0; i < taken; i++) {
      const { cell, command, ack } = messages[i] as Message;
      const refusal = "type" in command ? this.apply(cell, command) : this.take(cell, command);
      if (ack) this.answers.push({ ack, refusal });
    }
    if (taken < messages.length) this.inbox = [...messages.slice(taken), ...this.inbox];
    return taken;
  }

  private apply(cell: Cell, command: Command): Refusal | undefined {
    const decision = decide(cell.run, command, this.parts.clock.now());
    return "refused" in decision ? decision : this.take(cell, decision);
  }

  private take(cell: Cell, decision: Decision): undefined {
    if (decision.events.length > 0) {
      cell.record(decision.run, decision.events);
      this.dirty.add(cell);
    }
    for (const effect of decision.effects) this.interpret(cell, effect);
    return undefined;
  }

  private interpret(cell: Cell, effect: Effect): void {
    switch (effect.type) {
      case "evaluate": {
        const { instance, role } = effect;
        const answer = this.evaluator.answer(cell.run, instance, role);
        if (isPromise(answer)) answer.then((late) => this.post(cell, { type: "answer", instance, answer: late }));
        else this.inbox.push({ cell, command: { type: "answer", instance, answer }, ack: undefined });
        return;
      }
      case "offer":
        return this.dispatcher.offer(cell, effect.instance, effect.selector, effect.at);
      case "hold":
        return this.dispatcher.hold(cell);
      case "unhold":
        return this.dispatcher.unhold(cell);
      case "execute":
      case "abort":
      case "ended":
        return cell.later(effect);
    }
  }

  /** What was waiting for the commit. */
  private act(cell: Cell, { run, events }: RunCommit): void {
    cell.durable = run;
    if (events.length > 0) this.hooks.committed(cell, events);
    for (const effect of cell.takeEffects()) {
      switch (effect.type) {
        case "execute":
          this.execute(cell, effect);
          break;
        case "abort": {
          const live = cell.attempts.get(effect.token.instance);
          if (live?.epoch === effect.token.epoch)
            this.execution.abort(live, effect.why === "timeout" ? "cancel" : effect.why);
          break;
        }
        case "ended":
          this.hooks.ended(cell);
          break;
      }
    }
  }

  private execute(cell: Cell, { instance: index, attempt, epoch }: Extract<Effect, { type: "execute" }>): void {
    const leased = cell.leased.get(index);
    cell.leased.delete(index);
    if (!leased) return;
    const instance = cell.run.instances.at(index);
    const current = instance.status === "running" && instance.epoch === epoch;
    if (current) return this.execution.begin(cell, { instance: index, attempt, epoch }, leased.input, leased.seat);
    this.dispatcher.release(cell, leased.seat);
    this.schedule();
  }
}
