/**
 * The tree of a parsed expression, as far as we look into it. `@marcbachmann/cel-js` is pinned to the version whose
 * tree this is; its types tell of `op`, `args` and the range, `meta` is what its own checker and evaluator use.
 */

/** How a node is type-checked or evaluated. `meta` may be told another way, before the check or before the first run. */
interface Meta {
  readonly check: (checker: Checker, node: Node, context: unknown) => CelType;
  readonly evaluate: (evaluator: Evaluator, node: Node, context: unknown) => unknown;
  /** What a macro was rewritten to. */
  readonly alternate?: Node;
}

export interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
  readonly meta: Meta;
  setMeta(key: "check", check: Meta["check"]): void;
  setMeta(key: "evaluate", evaluate: Meta["evaluate"]): void;
}

export interface CelType {
  readonly kind: string;
  readonly name: string;
}

export interface Checker {
  check(node: Node, context: unknown): CelType;
  getType(name: string): CelType;
}

export interface Evaluator {
  run(node: Node, context: unknown): unknown;
}

export interface Comprehension {
  readonly iterable: Node;
  readonly init: Node;
  readonly step: Node;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "op" in value && "meta" in value;
}

/** The nodes written below this one; those a macro was rewritten to are not among them. */
export function childrenOf({ op, args }: Node): readonly Node[] {
  if (op === "value" || op === "id") return [];
  if (op === "comprehension") {
    const { iterable, init, step } = args as Comprehension;
    return [iterable, init, step];
  }
  return [args].flat(3).filter(isNode);
}

/** `f(…)` and `receiver.f(…)`. */
export function callOf(node: Node): {
  readonly name: string;
  readonly receiver?: Node;
  readonly args: readonly Node[];
} {
  if (node.op === "call") {
    const [name, args] = node.args as [string, readonly Node[]];
    return { name, args };
  }
  const [name, receiver, args] = node.args as [string, Node, readonly Node[]];
  return { name, receiver, args };
}
