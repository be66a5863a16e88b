/**
 * YAML 1.2 texts, as far as they are JSON: texts, numbers, true, false, null, lists and maps with texts as keys.
 * Anchors and aliases are understood within bounds; tags of one's own, merge keys and several documents are not.
 */
import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  Lexer,
  type Node,
  type Pair,
  Parser,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Place } from "./place.ts";
import { DEEPEST, failed, keyProblem, numberProblem, type Source, type SourceProblem, TOO_DEEP } from "./source.ts";

/** Values that aliases stand for, in all. */
const MOST_ALIASED = 100_000;
const MOST_PROBLEMS = 20;
/** What the lexer finds: a step of twenty words has about a hundred. */
const MOST_LEXEMES = 2_000_000;

export function readYaml(text: string): Source {
  const parser = new Parser();
  const composer = new Composer({ uniqueKeys: false, strict: true, merge: false, logLevel: "silent" });
  const documents: Document.Parsed[] = [];
  // The lexer and the parser never recurse; what comes after them does, so the depth is checked here.
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MOST_LEXEMES)
      return failed([
        { offset: parser.offset, message: "the text has too many parts: write it as JSON, which is read faster" },
      ]);
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    if (parser.stack.length > DEEPEST + 3) return failed([{ offset: parser.offset, message: TOO_DEEP }]);
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end());
  const [document, second] = documents;
  if (second) return failed([{ offset: second.range[0], message: "expected one document, and here a second begins" }]);
  if (!document) return failed([]);
  const errors = [...document.errors, ...document.warnings];
  const tabs = errors.filter(({ code }) => code === "TAB_AS_INDENT");
  const problems = (tabs.length > 0 ? tabs : errors).map(({ code, pos, message }) => ({
    offset: pos[0],
    message: MESSAGES[code] ?? `this is not YAML: ${message}`,
  }));
  if (document.directives.yaml.version === "1.1") problems.push({ offset: 0, message: "expected YAML 1.2, not 1.1" });
  if (problems.length > 0) return failed(problems.slice(0, MOST_PROBLEMS));
  return new Conversion().source(document.contents as Node | null);
}

const OWN_TAG = "tags other than those of JSON are not understood: write plain values";
const MESSAGES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "a tab cannot indent: use spaces",
  TAG_RESOLVE_FAILED: OWN_TAG,
};

interface Converted {
  readonly value: unknown;
  readonly place: Place;
}

class Conversion {
  private readonly problems: SourceProblem[] = [];
  /** As in the text: an alias means the last anchor of its name before it. */
  private readonly anchors = new Map<string, Node>();
  private readonly open = new Set<Node>();
  /** Aliases around what is being converted, and the values they stood for. */
  private aliases = 0;
  private aliased = 0;

  source(contents: Node | null): Source {
    if (contents === null) return failed([]);
    const converted = this.convert(contents, 0, 0);
    return { problems: this.problems, ...converted };
  }

  /** `at`: where a value that is not there would be. */
  private convert(node: Node | null, at: number, depth: number): Converted {
    const start = node?.range?.[0] ?? at;
    if (node === null || this.aliased > MOST_ALIASED) return { value: null, place: { start } };
    if (this.aliases > 0 && ++this.aliased > MOST_ALIASED)
      return this.problem(start, `aliases stand for more than ${MOST_ALIASED} values`);
    if (depth > DEEPEST) return this.problem(start, TOO_DEEP);
    if (isAlias(node)) return this.alias(node, start, depth);
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    if (isScalar(node)) return { value: this.scalar(node, start), place: { start } };
    if (this.open.has(node)) return this.problem(start, "an alias cannot stand for what it is in");
    this.open.add(node);
    const converted = isMap(node)
      ? this.map(node, start, depth)
      : this.list(node as YAMLSeq<Node | null>, start, depth);
    this.open.delete(node);
    return converted;
  }

  private problem(offset: number, message: string): Converted {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ offset, message });
    return { value: null, place: { start: offset } };
  }

  private alias(node: Alias, start: number, depth: number): Converted {
    const meant = this.anchors.get(node.source);
    if (!meant) return this.problem(start, `there is no anchor ${node.source} before this alias`);
    this.aliases++;
    const { value, place } = this.convert(meant, start, depth);
    this.aliases--;
    return { value, place: { ...place, start } };
  }

  private scalar({ value, source }: Scalar, start: number): unknown {
    if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
    if (typeof value !== "number") return this.problem(start, OWN_TAG).value;
    const problem = numberProblem(value, source ?? String(value));
    return problem === undefined ? value : this.problem(start, problem).value;
  }

  private list({ items }: YAMLSeq<Node | null>, start: number, depth: number): Converted {
    const converted = items.map((item) => this.convert(item, start, depth + 1));
    const children = new Map(converted.map(({ place }, index) => [String(index), place]));
    return { value: converted.map(({ value }) => value), place: { start, children } };
  }

  private map(node: YAMLMap, start: number, depth: number): Converted {
    const members: [string, unknown][] = [];
    const children = new Map<string, Place>();
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const keyAt = pair.key?.range?.[0] ?? start;
      const key = this.key(pair.key, keyAt);
      if (key === undefined) continue;
      if (children.has(key)) this.problem(keyAt, `the key ${key} is there twice`);
      const { value, place } = this.convert(pair.value, keyAt, depth + 1);
      members.push([key, value]);
      children.set(key, { ...place, start: keyAt });
    }
    return { value: Object.fromEntries(members), place: { start, children } };
  }

  private key(node: Node | null, at: number): string | undefined {
    if (!isScalar(node) || node.value === null) {
      this.problem(at, "expected a text as key");
      return undefined;
    }
    const key = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
    const problem = key === "<<" ? "merge keys are not understood: write the members out" : keyProblem(key);
    if (problem === undefined) return key;
    this.problem(at, problem);
    return undefined;
  }
}
