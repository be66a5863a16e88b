/** Random expressions: most from a grammar, so that they mean something, the others of words in any order. */
import type { Random } from "../../src/std/random.ts";

const WORDS = [
  ..."input needs vars run list rows text constructor __proto__ prototype process global toString call apply".split(
    " ",
  ),
  ..."map filter all exists has size cel google optional type dyn int string bytes json value of none bind".split(" "),
  ..."bind this eval Function require import new return => = ; ` $ \\ # ${ } [ ] ( ) { } , : ? || && == + - *".split(
    " ",
  ),
  ..."/ % ! < in . .? 'a' \"b\" 0 1 2.5 null true x i".split(" "),
];
type Kind = "number" | "text" | "bool" | "list" | "any";

/** `N`, `T`, `B`, `L` and `A` stand for an expression of that kind. */
const SHAPES: Readonly<Record<Kind, readonly string[]>> = {
  number: [
    "input.n",
    "0",
    "-7",
    "2.5",
    "1e300",
    "(N + N)",
    "(N - N)",
    "(N * N)",
    "(N / N)",
    "(N % N)",
    "size(T)",
    "L.size()",
    "L[N]",
    "int(N)",
    "double(T)",
    "(B ? N : N)",
    "-N",
  ],
  text: [
    "input.text",
    "run.id",
    "'a'",
    "'}'",
    "r'\\'",
    "(T + T)",
    "T.split('').map(x, x + T).join(T)",
    "string(N)",
    "T.lowerAscii().trim()",
    "T.substring(1, 3)",
    "(B ? T : T)",
    "run.tags[0]",
  ],
  bool: [
    "true",
    "false",
    "(N < N)",
    "(A == A)",
    "(A != A)",
    "(B && B)",
    "(B || B)",
    "!B",
    "(A in L)",
    "T.contains(T)",
    "T.startsWith(T)",
    "L.all(x, B)",
    "L.exists(x, x == A)",
    "L.exists_one(y, B)",
    "has(input.rows)",
    "has(needs.gone)",
  ],
  list: [
    "input.list",
    "input.rows",
    "run.tags",
    "[]",
    "[A, A]",
    "(L + L)",
    "L.filter(x, B)",
    "L.map(x, A)",
    "L.map(y, [y, A])",
    "T.split(T)",
    "input.rows.map(r, r.a)",
    "input.?list.orValue(L)",
    "cel.bind(z, L, z + z)",
  ],
  any: [
    "N",
    "T",
    "B",
    "L",
    "x",
    "y",
    "z",
    "null",
    "{T: A}",
    "input.rows[N]",
    "input.rows[0].constructor",
    "A.constructor",
    "A.__proto__",
    "input.?gone",
    "vars.deep",
    "dyn(A)",
    "type(A)",
    "timestamp('2026-01-01T00:00:00Z')",
    "duration(T)",
    "b'ab'",
  ],
};

const KINDS: Readonly<Record<string, Kind>> = { N: "number", T: "text", B: "bool", L: "list", A: "any" };

function one<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

export function randomExpression(random: Random): string {
  if (random() < 0.8) return grown(random, one(random, Object.values(KINDS)), 4);
  return Array.from({ length: 1 + Math.floor(random() * 14) }, () => one(random, WORDS)).join(
    random() < 0.5 ? "" : " ",
  );
}

function grown(random: Random, kind: Kind, depth: number): string {
  const shapes = SHAPES[kind];
  const leaves = shapes.filter((shape) => !/\b[NTBLA]\b/.test(shape));
  const shape = one(random, depth === 0 ? leaves : shapes);
  return shape.replaceAll(/\b[NTBLA]\b/g, (letter) => grown(random, KINDS[letter] ?? "any", depth - 1));
}

/** What they are tried on. */
export const VIEW = {
  input: {
    list: Array.from({ length: 200 }, (_, i) => i),
    rows: Array.from({ length: 100 }, (_, a) => ({ a, constructor: "x" })),
    text: "ab".repeat(2_000),
    n: 7,
  },
  needs: {},
  vars: { deep: [[[[1]]]] },
  run: { id: "run_1", tags: ["a"], metadata: {} },
};
