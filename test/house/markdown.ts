/** What docs.test.ts reads from one Markdown file: headings, links, fenced snippets, commands. */

export interface Snippet {
  /** The words after the fence: `ts`, `ts run`, `sh`. */
  readonly info: string;
  readonly text: string;
  /** Of its first line in the page. */
  readonly line: number;
}

export interface Page {
  /** From the root. */
  readonly path: string;
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly { readonly target: string; readonly line: number }[];
  readonly snippets: readonly Snippet[];
  /** `npm …` as written in inline code and `sh` snippets. */
  readonly commands: readonly { readonly command: string; readonly line: number }[];
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*)$/;

export function readPage(path: string, text: string): Page {
  const { prose, snippets } = divide(text);
  const slugs = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, line] of prose) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading !== undefined) anchors.add(unique(slugOf(heading), slugs));
    for (const [, id] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) if (id) anchors.add(id);
  }
  const links = prose.flatMap(([line, words]) => linksIn(words).map((target) => ({ target, line })));
  const inline = prose.flatMap(([line, words]) =>
    [...words.matchAll(/`([^`]+)`/g)].map(([, code]) => ({ command: code ?? "", line })),
  );
  const typed = snippets
    .filter(({ info }) => /^(sh|bash|console)\b/.test(info))
    .flatMap(({ text: block, line }) =>
      block.split("\n").map((command, i) => ({ command: bare(command), line: line + i })),
    );
  const commands = [...inline, ...typed].filter(({ command }) => command.startsWith("npm "));
  return { path, anchors, links, snippets, commands };
}

function divide(text: string): { prose: [number, string][]; snippets: Snippet[] } {
  const prose: [number, string][] = [];
  const snippets: Snippet[] = [];
  let open: { fence: string; indent: number; info: string; line: number; lines: string[] } | undefined;
  text.split("\n").forEach((line, index) => {
    const [, indent = "", fence = "", info = ""] = FENCE.exec(line) ?? [];
    if (!open) {
      if (fence) open = { fence, indent: indent.length, info: info.trim(), line: index + 2, lines: [] };
      else prose.push([index + 1, line]);
    } else if (fence.startsWith(open.fence) && info === "") {
      snippets.push({ info: open.info, text: open.lines.join("\n"), line: open.line });
      open = undefined;
    } else open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
  });
  return { prose, snippets };
}

function linksIn(line: string): string[] {
  const words = line.replace(/`[^`]*`/g, "");
  const inline = [...words.matchAll(/\]\(\s*<?([^)>\s]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const named = [...words.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/g)];
  return [...inline, ...named].map(([, target]) => target ?? "");
}

/** A command without its prompt, its environment and what follows it. */
function bare(line: string): string {
  return line
    .trim()
    .replace(/^\$ /, "")
    .replace(/^(\w+=\S+ )+/, "")
    .replace(/\s+(#|&&|\|).*$/, "");
}

/** GitHub's anchor of a heading. */
function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

function unique(slug: string, seen: Map<string, number>): string {
  const count = seen.get(slug) ?? 0;
  seen.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}
