/** What happened, by name: shows that a simulation did something, and that each fault it meant to make took place. */
export class Counts {
  private readonly byName = new Map<string, number>();

  add(name: string, by = 1): void {
    this.byName.set(name, this.of(name) + by);
  }

  of(name: string): number {
    return this.byName.get(name) ?? 0;
  }

  toRecord(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.byName);
  }
}
