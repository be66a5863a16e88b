/** Text as a terminal may show it: nothing in it can move the cursor, turn the writing round or hide. */

/** Control, format (bidi, zero-width, tags), line separators, halves of pairs; and letters that show nothing. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u3164\uffa0]/gu;

/** One line: whatever would not be seen is written out as `\u…`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, writtenOut);
}

/** The same, with its lines kept. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** JSON text that means the same. Between its strings stand only line ends and spaces. */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN, (hidden) => (hidden === "\n" ? hidden : units(hidden)));
}

function writtenOut(hidden: string): string {
  const point = hidden.codePointAt(0) ?? 0;
  return point > 0xffff ? `\\u{${point.toString(16)}}` : units(hidden);
}

function units(text: string): string {
  let written = "";
  for (let i = 0; i < text.length; i++) written += `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return written;
}

/** Marks that stand on the letter before them, and letters that take two places (East Asian, emoji). */
const NO_PLACE = /^\p{M}$/u;
const TWO_PLACES =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

function placesOf(character: string): number {
  if (character < "\u0300") return 1;
  return NO_PLACE.test(character) ? 0 : TWO_PLACES.test(character) ? 2 : 1;
}

/** How many places it takes in a terminal's line. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += placesOf(character);
  return width;
}

/** At most `width` places; what was cut shows. */
export function fit(text: string, width: number, mark = "…"): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let left = width - widthOf(mark);
  for (const character of text) {
    left -= placesOf(character);
    if (left < 0) break;
    kept += character;
  }
  return width < widthOf(mark) ? "" : kept + mark;
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** `00:41`, `1:02:03`. */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** `12 ms`, `1.2 s`, `3 min 4 s`, `2 h 5 min`. */
export function spanOf(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long ago, in one unit: `12 s`, `3 min`, `5 h`, `2 d`. */
export function ageOf(ms: number): string {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
  ] as const;
  const [size, unit] = units.find(([least]) => ms >= least) ?? [1_000, "s"];
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}

/** `1 step`, `2 steps`. */
export function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
