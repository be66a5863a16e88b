/** Names that people give to things, safe as keys, path segments and file names. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

export const NAME_RULE =
  "1 to 128 characters of A-Z a-z 0-9 _ . -, the first neither . nor -; not what every object has, such as constructor";

/** Also refuses what every object already has (`__proto__`, `constructor`, `toString`, …). */
export function isName(text: unknown): text is string {
  return typeof text === "string" && NAME.test(text) && !isInherited(text);
}

function isInherited(text: string): boolean {
  return text in Object.prototype || text === "prototype";
}

/** The candidate that `name` most likely meant, or `undefined` when none is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const lower = name.toLowerCase();
  let nearest: string | undefined;
  // At most a third is mistyped, and never all of it.
  let least = Math.min(name.length, Math.max(1, Math.floor(name.length / 3)) + 1);
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(lower, candidate.toLowerCase(), least);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours; anything from `limit` on is `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(before, j - 2) + 1);
      row.push(cost);
      best = Math.min(best, cost);
    }
    if (best >= limit) return limit;
    before = above;
    above = row;
  }
  return Math.min(limit, at(above, b.length));
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
