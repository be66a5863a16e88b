/** Where in a text the values of a document stand. */

/** A value: where it begins (a member at its key), and the values in it by key or index. */
export interface Place {
  readonly start: number;
  readonly children?: ReadonlyMap<string, Place>;
}

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** The steps of a path: `$.steps["a-b"][3]` gives `steps`, `a-b`, `3`. */
export function segmentsOf(path: string): readonly string[] {
  const segments: string[] = [];
  for (const [, plain, index, quoted] of path.matchAll(/\.([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g))
    segments.push(plain ?? index ?? (JSON.parse(quoted ?? '""') as string));
  return segments;
}

/** The value of this path, or the nearest around it that there is. */
export function nearest(root: Place, segments: readonly string[]): Place {
  let place = root;
  for (const segment of segments) {
    const next = place.children?.get(segment);
    if (!next) break;
    place = next;
  }
  return place;
}

/** A function from offsets to lines and columns. */
export function positionsIn(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  };
}
