import { TuttiError } from "../errors.ts";
import { nearestName } from "../std/name.ts";

/** One thing that is wrong with a definition. */
export interface Problem {
  /** Where: `$.steps.fetch.retry`. */
  readonly path: string;
  /** What was found, what was expected, and the suggestion in words. */
  readonly message: string;
  /** The name that was probably meant. */
  readonly suggestion?: string;
}

const MOST_PROBLEMS = 100;
/** Names compared for suggestions in all, so that a large and thoroughly wrong definition is still refused quickly. */
const MOST_COMPARED = 200_000;

/** Collects problems, so that all are told at once: the first hundred, and how many more there are. */
export class Problems {
  private readonly found: Problem[] = [];
  private total = 0;
  private compared = 0;

  get any(): boolean {
    return this.total > 0;
  }

  get count(): number {
    return this.total;
  }

  add(path: string, message: string, meant?: { readonly name: string; readonly among: readonly string[] }): void {
    this.total++;
    if (this.found.length >= MOST_PROBLEMS) return;
    const suggestion = meant && this.suggest(meant.name, meant.among);
    if (suggestion === undefined) this.found.push({ path, message });
    else this.found.push({ path, message: `${message}. Did you mean ${suggestion}?`, suggestion });
  }

  list(): readonly Problem[] {
    const more = this.total - this.found.length;
    return more === 0 ? this.found : [...this.found, { path: "$", message: `and ${more} more problems` }];
  }

  private suggest(name: string, among: readonly string[]): string | undefined {
    this.compared += among.length;
    return this.compared > MOST_COMPARED ? undefined : nearestName(name, among);
  }
}

/** Whether this only says how many more there are. */
export function isRest({ message }: Problem): boolean {
  return /^and \d+ more problems$/.test(message);
}

/** Throws DEFINITION_INVALID with the text of all problems, and in `data.list` the problems themselves. */
export function refuse(workflow: unknown, list: readonly Problem[]): never {
  throw new TuttiError("DEFINITION_INVALID", {
    workflow: typeof workflow === "string" ? workflow : "(without id)",
    problems: list.map(({ path, message }) => `  ${path}: ${message}`).join("\n"),
    list,
  });
}

/** A value as a message shows it, cut short. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= String(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
