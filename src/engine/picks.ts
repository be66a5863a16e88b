/** From a pick to a lease: the input is made, the run confirms, or the places are free again. */
import { hash } from "node:crypto";
import type { Command, Refusal } from "../run/commands.ts";
import { isPromise } from "../std/eventually.ts";
import type { Seat } from "../task/order.ts";
import type { Cell } from "./cell.ts";
import type { Dispatcher, Task } from "./dispatch.ts";
import type { Evaluator, Input } from "./evaluate.ts";

interface PickParts {
  readonly dispatcher: Dispatcher;
  readonly evaluator: Evaluator;
  readonly apply: (cell: Cell, command: Command) => Refusal | undefined;
  readonly wake: () => void;
}

export class Picks {
  private readonly parts: PickParts;
  /** Leases whose input had to be read first: taken up by the next turn. */
  private late: (() => void)[] = [];
  private stopped = false;

  constructor(parts: PickParts) {
    this.parts = parts;
  }

  get lateCount(): number {
    return this.late.length;
  }

  stop(): void {
    this.stopped = true;
  }

  takeLate(): void {
    const { late } = this;
    this.late = [];
    for (const lease of late) lease();
  }

  all(): void {
    if (this.stopped) return;
    for (let pick = this.parts.dispatcher.pick(); pick; pick = this.parts.dispatcher.pick()) {
      const { task, seat, why } = pick;
      const { run } = task.cell;
      this.parts.dispatcher.started(task);
      if (!mayStart(task)) {
        this.parts.dispatcher.release(task.cell, seat);
        continue;
      }
      const input = this.parts.evaluator.input(run, run.instances.at(task.index));
      if (!isPromise(input)) this.lease(task, seat, why, input);
      else
        input.then((read) => {
          this.late.push(() => this.lease(task, seat, why, read));
          this.parts.wake();
        });
    }
  }

  private lease(task: Task, seat: Seat | undefined, why: string | undefined, input: Input): void {
    const { cell, index } = task;
    if ("json" in input && !this.stopped) {
      const lease = { type: "lease", instance: index, inputHash: hash("sha256", input.shown ?? input.json) } as const;
      const refusal = this.parts.apply(
        cell,
        seat ? { ...lease, agent: seat.card.id, ...(why !== undefined && { why }) } : lease,
      );
      if (!refusal) {
        cell.leased.set(index, { input: input.json, seat });
        return;
      }
    }
    this.parts.dispatcher.release(cell, seat);
    if (!mayStart(task)) return;
    if ("failure" in input) this.parts.apply(cell, { type: "refuse", instance: index, failure: input.failure });
    else this.parts.dispatcher.again(task);
  }
}

function mayStart({ cell, index }: Task): boolean {
  const { status } = cell.run.instances.at(index);
  return cell.run.end === undefined && (status === "ready" || status === "retrying");
}
