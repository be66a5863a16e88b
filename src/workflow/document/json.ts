/** JSON texts. `JSON.parse` makes the value; one walk over the text, which never recurses, finds what it cannot tell. */
import type { Place } from "./place.ts";
import { DEEPEST, failed, keyProblem, numberProblem, type Source, type SourceProblem, TOO_DEEP } from "./source.ts";

/** Up to here places, keys that are there twice and inexact numbers are looked for. */
const LOOKED_THROUGH = 4 * 1024 * 1024;

export function readJson(text: string): Source {
  const deep = tooDeepAt(text);
  if (deep !== -1) return failed([{ offset: deep, message: TOO_DEEP }]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    return failed([syntaxProblem(text, thrown)]);
  }
  if (text.length > LOOKED_THROUGH) return { problems: [], value };
  const look = new Look(text);
  return { problems: look.problems, value, place: look.root };
}

/** `JSON.parse` says where only sometimes. */
function syntaxProblem(text: string, thrown: unknown): SourceProblem {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const offset = Number(/position (\d+)/.exec(message)?.[1] ?? Number.NaN);
  const short = message.replace(/ in JSON at position.*| at position.*|, .*is not valid JSON$/s, "");
  return {
    offset: Number.isNaN(offset) ? firstError(text) : offset,
    message: `this is not JSON: ${short.toLowerCase()}`,
  };
}

/** The least length that fails in another way than by its end. */
function firstError(text: string): number {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endsEarly(text.slice(0, middle + 1))) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(0, text.length - 1));
}

function endsEarly(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : "";
    const position = /position (\d+)/.exec(message)?.[1];
    return /end of JSON input|Unterminated/.test(message) || Number(position) === text.length;
  }
}

function tooDeepAt(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === 0x22) at = endOfString(text, at);
    else if (sign === 0x5b || sign === 0x7b) {
      if (++depth > DEEPEST) return at;
    } else if (sign === 0x5d || sign === 0x7d) depth--;
  }
  return -1;
}

/** The closing quote of the string that begins here. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === 0x5c) at++;
    else if (sign === 0x22) break;
  }
  return at;
}

interface Open {
  readonly children: Map<string, Place>;
  readonly list: boolean;
  /** Of the value that comes next. */
  key: string;
  keyAt: number;
  count: number;
}

/** A look through a text that is JSON. */
class Look {
  readonly problems: SourceProblem[] = [];
  root: Place = { start: 0 };
  private readonly text: string;
  private readonly open: Open[] = [];

  constructor(text: string) {
    this.text = text;
    for (let at = 0; at < text.length; at++) {
      const sign = text[at] as string;
      if (sign === "{" || sign === "[") this.begin(at, sign === "[");
      else if (sign === "}" || sign === "]") this.open.pop();
      else if (sign === '"') at = this.string(at);
      else if (/[-\dtfn]/.test(sign)) at = this.word(at);
    }
  }

  private begin(at: number, list: boolean): void {
    const children = new Map<string, Place>();
    this.value({ start: at, children });
    this.open.push({ children, list, key: "", keyAt: -1, count: 0 });
  }

  /** A key where one is due, else a value. */
  private string(at: number): number {
    const end = endOfString(this.text, at);
    const around = this.open.at(-1);
    if (!around || around.list || around.keyAt !== -1) {
      this.value({ start: at });
      return end;
    }
    around.key = JSON.parse(this.text.slice(at, end + 1)) as string;
    around.keyAt = at;
    const problem = around.children.has(around.key) ? `the key ${around.key} is there twice` : keyProblem(around.key);
    if (problem !== undefined) this.problems.push({ offset: at, message: problem });
    return end;
  }

  private word(at: number): number {
    let end = at;
    while (end + 1 < this.text.length && /[-+.\w]/.test(this.text[end + 1] as string)) end++;
    const written = this.text.slice(at, end + 1);
    const problem = /^[-\d]/.test(written) ? numberProblem(Number(written), written) : undefined;
    if (problem !== undefined) this.problems.push({ offset: at, message: problem });
    this.value({ start: at });
    return end;
  }

  private value(place: Place): void {
    const around = this.open.at(-1);
    if (!around) this.root = place;
    else if (around.list) around.children.set(String(around.count++), place);
    else {
      around.children.set(around.key, { ...place, start: around.keyAt });
      around.keyAt = -1;
    }
  }
}
