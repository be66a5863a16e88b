/** Which runs have begun: at most so many at a time; the others wait, by priority, then the oldest first. */
import { Heap } from "../std/heap.ts";
import type { Cell } from "./cell.ts";

export class Admission {
  private readonly waiting = new Heap<Cell>((a, b) =>
    a.priority === b.priority ? a.order < b.order : a.priority < b.priority,
  );
  private readonly limit: number;
  private readonly begin: (cell: Cell) => void;
  private begun = 0;

  constructor(limit: number, begin: (cell: Cell) => void) {
    this.limit = limit;
    this.begin = begin;
  }

  /** A run that had begun before this engine did. */
  count(): void {
    this.begun++;
  }

  wait(cell: Cell): void {
    this.waiting.push(cell);
  }

  /** Begins whatever has a place. */
  next(): void {
    while (this.begun < this.limit) {
      const cell = this.waiting.pop();
      if (!cell) return;
      if (cell.run.end || cell.admitted) continue;
      cell.admitted = true;
      this.begun++;
      this.begin(cell);
    }
  }

  /** A run is over; its place goes to the next. */
  leave(cell: Cell): void {
    if (!cell.admitted) return;
    this.begun--;
    this.next();
  }
}
