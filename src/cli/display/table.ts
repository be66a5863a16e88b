/** Rows under headings, as wide as what is in them. In a narrow terminal columns give way, but the first and states. */
import { fit, pad, visible, widthOf } from "./text.ts";
import type { Look } from "./look.ts";

const GAP = "  ";
/** A column may not be squeezed below this. */
const NARROWEST = 8;

/** A cell may bring its own painter: the text is measured and cut before it is painted. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  look: Pick<Look, "dim" | "cut">,
  columns: number,
): string {
  const shown = rows.map((row) => row.map((cell) => visible(typeof cell === "string" ? cell : cell.text)));
  const widths = headings.map((heading, at) =>
    Math.max(widthOf(heading), ...shown.map((row) => widthOf(row[at] ?? ""))),
  );
  const stiff = headings.map((_, at) => at === 0 || rows.some((row) => typeof row[at] === "object"));
  squeeze(widths, stiff, columns);
  const line = (texts: readonly string[], paint: (text: string, at: number) => string): string =>
    texts
      .map((text, at) => {
        const cut = fit(text, widths[at] ?? 0, look.cut);
        return paint(at === texts.length - 1 ? cut : pad(cut, widths[at] ?? 0), at);
      })
      .join(GAP)
      .trimEnd();
  const body = rows.map((row, index) =>
    line(shown[index] ?? [], (text, at) => {
      const cell = row[at];
      return typeof cell === "object" ? cell.paint(text) : text;
    }),
  );
  return [look.dim(line(headings, (text) => text)), ...body].map((text) => `${text}\n`).join("");
}

/** From the last column on, as far as each may go. */
function squeeze(widths: number[], stiff: readonly boolean[], columns: number): void {
  let over = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - columns;
  for (let at = widths.length - 1; at >= 0 && over > 0; at--) {
    if (stiff[at]) continue;
    const width = widths[at] ?? 0;
    const narrower = Math.max(Math.min(NARROWEST, width), width - over);
    over -= width - narrower;
    widths[at] = narrower;
  }
}
