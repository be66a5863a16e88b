/**
 * As much of TOML as manifests and lock files need: tables, and for each key the text of its value (an array over
 * several lines included). No values are computed, so a file that is not TOML gives little, never an error.
 */
export interface Table {
  /** `dependencies`, `project.optional-dependencies`, `package`. */
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

export function readToml(text: string): Table[] {
  let values = new Map<string, string>();
  const tables: Table[] = [{ name: "", values }];
  let key: string | undefined;
  let depth = 0;
  for (const raw of withoutLongStrings(text).split("\n")) {
    const line = withoutComment(raw).trim();
    if (key !== undefined && depth > 0) {
      values.set(key, `${values.get(key) ?? ""} ${line}`);
      depth += nesting(line);
      continue;
    }
    const header = /^\[\[?\s*([^\]]+?)\s*\]\]?$/.exec(line);
    if (header) {
      values = new Map();
      tables.push({ name: unquoted(header[1] ?? ""), values });
      continue;
    }
    const pair = /^("[^"]*"|'[^']*'|[\w.-]+)\s*=\s*(.*)$/.exec(line);
    if (!pair) continue;
    key = unquoted(pair[1] ?? "");
    const value = pair[2] ?? "";
    values.set(key, value);
    depth = nesting(value);
  }
  return tables;
}

/** The strings in a value's text: of an array its items, of a string itself. */
export function stringsIn(value: string): string[] {
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2] ?? "");
}

/** The string under `key` in an inline table's text: `{ version = "1", … }`. */
export function memberOf(value: string, key: string): string | undefined {
  const match = new RegExp(`(?:^|[{,\\s])${key}\\s*=\\s*("(?:[^"\\\\]|\\\\.)*"|'[^']*')`).exec(value);
  return match ? stringsIn(match[1] ?? "")[0] : undefined;
}

const STRING = /"(?:[^"\\]|\\.)*"|'[^']*'/g;

function nesting(text: string): number {
  const bare = text.replace(STRING, "");
  return (bare.match(/[[{]/g)?.length ?? 0) - (bare.match(/[\]}]/g)?.length ?? 0);
}

function withoutComment(line: string): string {
  const match = /^(?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*/.exec(line);
  return match ? match[0] : line;
}

function withoutLongStrings(text: string): string {
  return text.replaceAll("\r", "").replace(/"""[^]*?"""|'''[^]*?'''/g, '""');
}

function unquoted(name: string): string {
  return name.replaceAll(/["']/g, "");
}
