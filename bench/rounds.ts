/** Rates taken by turns, so that all see the same machine, and what they come to. */

/** Takes one rate; told which round it is. */
export type Measure = (round: number) => Promise<number>;
export type Measures = ReadonlyMap<string, Measure>;
export type Rates = ReadonlyMap<string, readonly number[]>;

/** The first round warms up and does not count. */
export async function byTurns(rounds: number, measures: Measures): Promise<Rates> {
  const rates = new Map<string, number[]>([...measures.keys()].map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of measures) {
      const rate = await measure(round);
      if (round > 0) rates.get(name)?.push(rate);
    }
  }
  return rates;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

/** The median over the rounds of one rate ÷ the other's of the same round. */
export function ratio(rates: Rates, name: string, to: string): number {
  const others = rates.get(to) ?? [];
  return median((rates.get(name) ?? []).map((rate, round) => rate / at(others, round)));
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}
