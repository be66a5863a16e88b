/** Markdown from text that strangers chose (file names, author names): nothing in it may become markup. */

/** Ordinary text; also safe as a table cell. */
export function plain(text: string): string {
  return visible(text).replaceAll(/[\\`*_[\]<>|~#]/g, "\\$&");
}

/** A code span, fenced by more back-ticks than the text holds in a row. */
export function code(text: string): string {
  const shown = visible(text).replaceAll("|", "\\|");
  const fence = "`".repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
  const space = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${space}${shown}${space}${fence}`;
}

/** A table; columns whose name ends with ":" are numbers and stand to the right. Cells are Markdown already. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(columns.map((name) => name.replace(/:$/, ""))),
    row(columns.map((name) => (name.endsWith(":") ? "---:" : "---"))),
    ...rows.map(row),
  ].join("\n");
}

/** Line breaks, other controls and marks that turn the direction of writing are shown, not obeyed. */
function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
