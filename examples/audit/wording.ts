/** Figures in words. */
export function figure(n: number): string {
  return n.toLocaleString("en-US");
}

/** `1 file`, `2,000 files`. */
export function many(n: number, one: string, more = `${one}s`): string {
  return `${figure(n)} ${n === 1 ? one : more}`;
}

/** A ratio as a whole percentage. */
export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
