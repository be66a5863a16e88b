/** The pages of docs/ that are made from the code. `npm run docs` writes them; the tests hold them current. */
import ts from "typescript";
import { CATALOGUE, ERROR_KINDS, type Disposition } from "../../src/errors.ts";
import { DEFAULTS } from "../../src/workflow/policy.ts";
import type { Requirement } from "../verifies.ts";
import type { Citation } from "./citations.ts";
import { nodesOf, parse, readText } from "./source.ts";

const GENERATED = "<!-- Made from the code by `npm run docs`: edit that, not this. -->";

const NEXT: Readonly<Record<Disposition, string>> = {
  rejected: "The request was refused and nothing happened. Mend it as the message says.",
  retryable: "It may work in a moment. Send the same again.",
  cancelled: "It was asked for. Nothing to do.",
  terminal: "Trying again unchanged ends the same way. Read the cause.",
};

export function errorsPage(): string {
  const codes = Object.entries(CATALOGUE).map(([code, { disposition, message }]) => {
    // What a message is made of shows as its name.
    const names = new Proxy({}, { get: (_target, name) => `‹${String(name)}›` });
    return `| \`${code}\` | ${disposition} | ${cell(message(names))} |`;
  });
  const retried: readonly string[] = DEFAULTS.retry.retryOn;
  return page("Errors", [
    "Every error Tutti itself raises is a `TuttiError` with one of these codes; `data` holds what its message was made of.",
    table(["code", "disposition", "message"], codes),
    "What to do next follows from the disposition:",
    Object.entries(NEXT)
      .map(([disposition, next]) => `- **${disposition}**: ${next}`)
      .join("\n"),
    "## Kinds of failure",
    "What an agent's attempt fails with. `throw new TaskError(kind, message)` names one; a plain error is an `agent_error`.",
    table(
      ["kind", "tried again by default"],
      ERROR_KINDS.map((kind) => `| \`${kind}\` | ${retried.includes(kind) ? "yes" : "no"} |`),
    ),
  ]);
}

export function defaultsPage(): string {
  const comments = commentsOf("src/workflow/policy.ts", "DEFAULTS");
  const rows = leaves(DEFAULTS).map(
    ([path, value]) => `| \`${path}\` | ${shown(path, value)} | ${cell(comments.get(path) ?? "")} |`,
  );
  return page("Defaults", [
    "Every default of Tutti, from `DEFAULTS` in [src/workflow/policy.ts](../src/workflow/policy.ts). Options change them; what has none is a bound.",
    table(["setting", "default", "what it bounds"], rows),
  ]);
}

export function requirementsPage(requirements: readonly Requirement[], cited: readonly Citation[]): string {
  const testsOf = grouped(cited, ({ id }) => id);
  const parts = grouped(requirements, ({ part }) => part);
  const sections = [...parts].flatMap(([part, group]) => [
    `## ${part}`,
    `${group.filter(({ id }) => testsOf.has(id)).length} of ${group.length} have a test.`,
    table(
      ["id", "what was promised", "test, or how it will be met"],
      group.map(
        (each) => `| ${each.id} | ${cell(`${each.area}: ${each.text}`)} | ${stateOf(each, testsOf.get(each.id))} |`,
      ),
    ),
  ]);
  const summary = `${new Set(cited.map(({ id }) => id)).size} of ${requirements.length} have a test.`;
  return page("Requirements", [
    `The promises of the five designs, by the part of the plan that delivers them. ${summary}`,
    ...sections,
  ]);
}

function stateOf(requirement: Requirement, tests: readonly Citation[] | undefined): string {
  if (requirement.superseded) return `superseded: ${cell(requirement.superseded)}`;
  if (!tests) return `open: ${cell(requirement.how)}`;
  return tests.map(({ path, title }) => `[${path}](../${path}): ${cell(title)}`).join("<br>");
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function page(title: string, blocks: readonly string[]): string {
  return `${GENERATED}\n\n# ${title}\n\n${blocks.join("\n\n")}\n`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [`| ${head.join(" | ")} |`, `|${head.map(() => " --- |").join("")}`, ...rows].join("\n");
}

function cell(text: string): string {
  return text
    .replaceAll("|", "\\|")
    .replace(/[<>]/g, (sign) => `\\${sign}`)
    .replace(/\s+/g, " ")
    .trim();
}

function leaves(value: object, above = ""): [string, unknown][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const path = above + key;
    return typeof item === "object" && item !== null && !Array.isArray(item)
      ? leaves(item, `${path}.`)
      : [[path, item]];
  });
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

function shown(path: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `\`${item}\``).join(", ");
  if (typeof value !== "number") return String(value);
  if (/ms$/i.test(path)) {
    const [size, unit] = UNITS.find(([size]) => value >= size && value % size === 0) ?? [1, "ms"];
    return `${value / size} ${unit}`;
  }
  if (/bytes/i.test(path)) return value % 1_048_576 === 0 ? `${value / 1_048_576} MiB` : `${value / 1024} KiB`;
  return value.toLocaleString("en-US");
}

/** The doc comments of an object literal's members, by path. */
function commentsOf(file: string, name: string): Map<string, string> {
  const { ast, text } = parse(file, readText(file));
  const comments = new Map<string, string>();
  const read = (node: ts.Node, above: string): void => {
    if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return read(node.expression, above);
    if (!ts.isObjectLiteralExpression(node)) return;
    for (const member of node.properties) {
      const path = above + (member.name?.getText() ?? "");
      const ranges = ts.getLeadingCommentRanges(text, member.pos) ?? [];
      const words = ranges.map(({ pos, end }) =>
        text.slice(pos, end).replace(/^\s*(\/\*\*?|\*\/|\*|\/\/)|\*\/$/gm, ""),
      );
      comments.set(path, words.join(" "));
      if (ts.isPropertyAssignment(member)) read(member.initializer, `${path}.`);
    }
  };
  for (const node of nodesOf(ast))
    if (ts.isVariableDeclaration(node) && node.name.getText() === name && node.initializer) read(node.initializer, "");
  return comments;
}
