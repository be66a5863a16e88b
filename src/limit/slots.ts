/** So many at a time. Taking more than there are is a mistake of the caller, who asks `free` first. */
export class Slots {
  readonly limit: number;
  private taken = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get free(): boolean {
    return this.taken < this.limit;
  }

  get running(): number {
    return this.taken;
  }

  take(): void {
    this.taken++;
  }

  release(): void {
    this.taken--;
  }
}
