/**
 * A definition as a picture in text: Mermaid, DOT, or plain lines. Everything that people wrote (expressions,
 * modules) is put where it cannot mean anything to the language of the picture or to a terminal.
 */
import { describeSelector } from "../agent/match.ts";
import { isCode, isUses, type Step, type WorkflowDefinition } from "./definition.ts";
import { buildGraph, type Graph, type GraphStep, longestPath } from "./graph.ts";

export interface Facts {
  /** Those of branches counted. */
  readonly steps: number;
  /** Those that the definition brings along. */
  readonly agents: number;
  /** Steps that wait for nothing but those before them, level by level: how many there are at most in one. */
  readonly widest: number;
  readonly longestPath: readonly string[];
  /** Of the longest path, where every step says how long it takes. */
  readonly longestMs?: number;
}

/** What there is to know of a valid definition before it runs. */
export function describeDefinition(definition: WorkflowDefinition): Facts {
  const graph = buildGraph(definition);
  const { ids, weight } = longestPath(graph);
  let [steps, estimated] = [0, true];
  for (const { step, branches } of everyStep(graph)) {
    steps++;
    if (step.estimateMs === undefined && branches === undefined) estimated = false;
  }
  return {
    steps,
    agents: definition.agents?.length ?? 0,
    widest: levelsOf(graph).reduce((most, level) => Math.max(most, level.length), 0),
    longestPath: ids,
    ...(estimated ? { longestMs: weight } : {}),
  };
}

function* everyStep({ steps }: Graph): Generator<GraphStep> {
  for (const step of steps) {
    yield step;
    for (const branch of step.branches?.values() ?? []) yield* everyStep(branch);
  }
}

/** Steps by the longest way to them: those of one level need none of each other. */
function levelsOf({ steps }: Graph): readonly (readonly GraphStep[])[] {
  const levels: GraphStep[][] = [];
  const levelOf: number[] = [];
  for (const step of steps) {
    const level = step.needs.reduce((most, need) => Math.max(most, (levelOf[need] as number) + 1), 0);
    levelOf.push(level);
    (levels[level] ??= []).push(step);
  }
  return levels;
}

/** Lines for a terminal: what may run side by side, level by level. */
export function drawText(definition: WorkflowDefinition): string {
  const { steps, agents, widest, longestPath: path, longestMs } = describeDefinition(definition);
  const length = longestMs === undefined ? counted(path.length, "step") : `${longestMs} ms`;
  return [
    `${definition.id} ${plain(definition.version)}: ${counted(steps, "step")}, ${counted(agents, "agent")} of its own`,
    `side by side: at most ${widest}`,
    `longest path: ${shortened(path).join(" → ")} (${length})`,
    "",
    ...levelLines(buildGraph(definition), ""),
    "",
  ].join("\n");
}

function levelLines(graph: Graph, indent: string): readonly string[] {
  return levelsOf(graph).flatMap((level, index) => [
    `${indent}${index + 1}.${level.length > 1 ? ` ${level.length} side by side` : ""}`,
    ...level.flatMap((step) => stepLines(step, graph, `${indent}   `)),
  ]);
}

function stepLines(step: GraphStep, graph: Graph, indent: string): readonly string[] {
  const needs = step.needs.map((need) => graph.steps[need]?.id ?? "");
  const told = [...notesOf(step), ...(needs.length === 0 ? [] : [`after ${shortened(needs).join(", ")}`])];
  const branches = [...(step.branches ?? [])].flatMap(([name, branch]) => [
    `${indent}   ${name}:`,
    ...levelLines(branch, `${indent}      `),
  ]);
  return [`${indent}${step.id}${told.length === 0 ? "" : `  (${told.join("; ")})`}`, ...branches];
}

const MOST_SHOWN = 20;

/** The middle of a long list is left out. */
function shortened(ids: readonly string[]): readonly string[] {
  if (ids.length <= MOST_SHOWN) return ids;
  return [...ids.slice(0, 10), `… ${ids.length - 19} more …`, ...ids.slice(-9)];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What a step is, beside its id. */
function notesOf({ step }: GraphStep): readonly string[] {
  const join = typeof step.join === "object" ? `any ${step.join.quorum}` : step.join;
  return [
    ...workOf(step),
    ...(step.when === undefined ? [] : [`when ${expressionOf(step.when)}`]),
    ...(join === undefined || join === "all" ? [] : [`join ${join}${step.rest ? ", cancels the rest" : ""}`]),
  ];
}

function workOf(step: Step): readonly string[] {
  if (step.kind === "choose") return [`chooses by ${expressionOf(step.by)}`];
  if (step.agent !== undefined) return [`agent ${plain(describeSelector(step.agent))}`];
  return isUses(step.run) ? [plain(step.run.uses)] : [];
}

function expressionOf(value: unknown): string {
  return typeof value === "string" ? plain(value) : isCode(value) ? "a function" : "";
}

const LONGEST = 80;

/** One line, of signs that can be seen. */
function plain(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ").replaceAll(/\p{C}/gu, "\uFFFD").trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1).toWellFormed()}…`;
}

/** How a language writes each part; `n` numbers nodes, `s` scopes. */
interface Pen {
  readonly step: (n: number, step: GraphStep) => string;
  readonly edge: (from: number, to: number, kind: "need" | "partial", label?: string) => string;
  readonly scope: (s: number, label: string, lines: readonly string[]) => readonly string[];
  readonly level: (numbers: readonly number[]) => readonly string[];
}

/** Nodes are numbered, so that no name can be taken for a word of the language. */
function draw(graph: Graph, pen: Pen): readonly string[] {
  let [nodes, scopes] = [0, 0];
  const edges: string[] = [];
  const drawFragment = (fragment: Graph): { lines: readonly string[]; numbers: readonly number[] } => {
    const numbers = fragment.steps.map(() => nodes++);
    const lines = fragment.steps.map((step, index) => pen.step(numbers[index] as number, step));
    for (const level of levelsOf(fragment))
      if (level.length > 1) lines.push(...pen.level(level.map(({ index }) => numbers[index] as number)));
    for (const { index, needs, join, quorum, branches } of fragment.steps) {
      const here = numbers[index] as number;
      const kind = join === "any" && quorum < needs.length ? "partial" : "need";
      for (const need of needs) edges.push(pen.edge(numbers[need] as number, here, kind));
      for (const [name, branch] of branches ?? []) {
        const inner = drawFragment(branch);
        lines.push(...pen.scope(scopes++, name, inner.lines));
        for (const root of branch.roots) edges.push(pen.edge(here, inner.numbers[root] as number, "need", name));
      }
    }
    return { lines, numbers };
  };
  return [...drawFragment(graph).lines, ...edges];
}

/** For GitHub, and every page that knows Mermaid. */
export function drawMermaid(definition: WorkflowDefinition): string {
  const pen: Pen = {
    step: (n, step) => {
      const label = `"${[step.id, ...notesOf(step)].map(mermaid).join("<br/>")}"`;
      return `n${n}${step.branches ? `{${label}}` : `[${label}]`}`;
    },
    edge: (from, to, kind, label) =>
      `n${from} ${kind === "partial" ? "-.->" : "-->"}${label === undefined ? "" : `|"${mermaid(label)}"|`} n${to}`,
    scope: (s, label, lines) => [`subgraph s${s}["${mermaid(label)}"]`, ...lines.map((line) => `  ${line}`), "end"],
    level: () => [],
  };
  return ["flowchart TD", ...draw(buildGraph(definition), pen).map((line) => `  ${line}`), ""].join("\n");
}

/** Only letters, digits and a few signs stay; the others are written by number. */
function mermaid(text: string): string {
  return plain(text).replaceAll(/[^\p{L}\p{N} _.,:/=+\-()?!'…]/gu, (sign) => `#${sign.codePointAt(0)};`);
}

/** For Graphviz. */
export function drawDot(definition: WorkflowDefinition): string {
  const pen: Pen = {
    step: (n, step) => {
      const label = [step.id, ...notesOf(step)].map(dot).join("\\n");
      return `n${n} [label="${label}"${step.branches ? ", shape=diamond" : ""}];`;
    },
    edge: (from, to, kind, label) => {
      const style = [
        ...(kind === "partial" ? ["style=dashed"] : []),
        ...(label === undefined ? [] : [`label="${dot(label)}"`]),
      ];
      return `n${from} -> n${to}${style.length === 0 ? "" : ` [${style.join(", ")}]`};`;
    },
    scope: (s, label, lines) => [
      `subgraph cluster_${s} {`,
      `  label="${dot(label)}";`,
      ...lines.map((line) => `  ${line}`),
      "}",
    ],
    level: (numbers) => [`{ rank=same; ${numbers.map((n) => `n${n};`).join(" ")} }`],
  };
  const lines = draw(buildGraph(definition), pen).map((line) => `  ${line}`);
  return [`digraph "${dot(definition.id)}" {`, '  node [shape=box, style="rounded"];', ...lines, "}", ""].join("\n");
}

function dot(text: string): string {
  return plain(text).replaceAll(/[\\"]/g, "\\$&");
}
