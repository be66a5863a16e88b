/**
 * What is known of the values an expression sees, before there are any: which names exist, and their types where a
 * JSON Schema declares them. A walk over the tree finds names that do not exist, and gives the type checker of the
 * library the types it cannot know.
 */
import { isRecord } from "../check.ts";
import { callOf, type CelType, childrenOf, type Node } from "./tree.ts";

/** What a value is known to be. Absent: nothing is known of it. */
export interface Known {
  /** A type of CEL. */
  readonly type?: string;
  /** By name. */
  readonly members?: ReadonlyMap<string, Known>;
  /** There are no members but these. What such a name is, in a message: `need`. */
  readonly closed?: string;
  readonly element?: Known;
}

export interface Unknown {
  readonly node: Node;
  readonly what: string;
  readonly name: string;
  readonly among: readonly string[];
}

type Names = ReadonlyMap<string, Known>;

/** Every name there is in some place. Which of them there are in this one, its scope says. */
export const ROOTS: readonly string[] = ["input", "needs", "steps", "vars", "run"];

const LOOPS = new Set(["all", "exists", "exists_one", "map", "filter"]);
const NOTHING: Known = {};

/** The first name in the tree that does not exist. Nodes of a known type are told to say so when they are checked. */
export function applyKnown(node: Node, roots: Names): Unknown | undefined {
  const walk = new Walk();
  walk.visit(node, roots);
  return walk.unknown;
}

class Walk {
  unknown: Unknown | undefined;

  /** What is known of the value of this node. */
  visit(node: Node, names: Names): Known {
    switch (node.op) {
      case "id":
        return this.typed(node, this.root(node, String(node.args), names));
      case ".":
      case ".?": {
        const [of, name] = node.args as [Node, string];
        return this.member(node, this.visit(of, names), name);
      }
      case "[]":
      case "[?]": {
        const [of, key] = node.args as [Node, Node];
        const known = this.visit(of, names);
        if (key.op === "value" && typeof key.args === "string") return this.member(node, known, key.args);
        this.visit(key, names);
        return this.typed(node, known.element ?? NOTHING);
      }
      case "rcall":
        if (LOOPS.has(callOf(node).name)) return this.loop(node, names);
    }
    for (const child of childrenOf(node)) this.visit(child, names);
    return NOTHING;
  }

  private root(node: Node, name: string, names: Names): Known {
    const known = names.get(name);
    // What the language does not know either, its own check finds.
    if (!known && ROOTS.includes(name)) this.unknown ??= { node, what: "name", name, among: [...names.keys()] };
    return known ?? NOTHING;
  }

  private member(node: Node, known: Known, name: string): Known {
    const member = known.members?.get(name);
    if (member) return this.typed(node, member);
    if (known.closed !== undefined)
      this.unknown ??= { node, what: known.closed, name, among: [...(known.members?.keys() ?? [])] };
    return NOTHING;
  }

  /** `list.filter(x, …)`: what follows sees `x`. */
  private loop(node: Node, names: Names): Known {
    const { name, receiver, args } = callOf(node);
    const known = receiver ? this.visit(receiver, names) : NOTHING;
    const [variable, ...rest] = args;
    const inner = new Map([...names, [String(variable?.args), known.element ?? NOTHING]]);
    for (const arg of rest) this.visit(arg, inner);
    return name === "filter" ? known : NOTHING;
  }

  private typed(node: Node, known: Known): Known {
    const { type } = known;
    // An optional access has an optional type of its own.
    if (type !== undefined && !node.op.includes("?"))
      node.setMeta("check", (checker): CelType => checker.getType(type));
    return known;
  }
}

/** Numbers are left open: whole or not is a matter of the value. */
const TYPES: Readonly<Record<string, string>> = {
  string: "string",
  boolean: "bool",
  array: "list",
  object: "map<string, dyn>",
};

const DEEPEST = 16;

export function knownOf(schema: unknown, depth = 0): Known {
  if (!isRecord(schema) || depth > DEEPEST) return {};
  const { type, properties, additionalProperties, patternProperties, items } = schema;
  const cel = typeof type === "string" && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (cel === undefined) return {};
  const known: { -readonly [key in keyof Known]: Known[key] } = { type: cel };
  if (type === "object" && isRecord(properties)) {
    const members = Object.entries(properties).map(([key, inner]) => [key, knownOf(inner, depth + 1)] as const);
    known.members = new Map(members);
    if (additionalProperties === false && patternProperties === undefined) known.closed = "property";
  }
  if (type === "array" && items !== undefined) known.element = knownOf(items, depth + 1);
  return known;
}
