/** What a person sees while the team works: a block that is redrawn on a terminal, a line per change elsewhere. */
import { many } from "./wording.ts";

export interface StepState {
  readonly id: string;
  readonly status: string;
  readonly agent: string | undefined;
  /** ms since 1970. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** What the running attempt says of itself. */
  readonly note: string | undefined;
}

export interface Screen {
  write(text: string): unknown;
  /** Redraw in place, with cursor codes. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly columns: number;
}

const COLOURS: Readonly<Record<string, number>> = {
  completed: 32,
  running: 36,
  retrying: 33,
  failed: 31,
  cancelled: 31,
};

/** Shows a run's steps as they change. Nothing is written when nothing has. */
export class Display {
  readonly #screen: Screen;
  #shown: readonly StepState[];
  #drawn = 0;

  /** `known`: what has been said already, such as the steps that were done before an interruption. */
  constructor(screen: Screen, known: readonly StepState[] = []) {
    this.#screen = screen;
    this.#shown = known;
  }

  update(steps: readonly StepState[], now: number): void {
    if (this.#screen.live) this.#redraw(block(steps, now, this.#screen));
    else for (const line of this.#changes(steps, now)) this.#screen.write(`${line}\n`);
    this.#shown = steps;
  }

  #redraw(lines: readonly string[]): void {
    const back = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
    this.#screen.write(`${back}${lines.map((line) => `\u001b[2K${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }

  #changes(steps: readonly StepState[], now: number): string[] {
    const before = new Map(this.#shown.map((step) => [step.id, step.status]));
    return steps
      .filter((step) => step.status !== (before.get(step.id) ?? "pending") && step.status !== "ready")
      .map((step) => `${new Date(now).toISOString()} ${step.id} ${step.status}${timing(step, now)}`);
  }
}

/** The block: how far it is, then a line for each step. */
export function block(steps: readonly StepState[], now: number, screen: Pick<Screen, "colour" | "columns">): string[] {
  const ended = steps.filter(({ endedAt }) => endedAt !== undefined).length;
  const bar = "#".repeat(ended).padEnd(steps.length, "-");
  const wide = Math.max(0, ...steps.map(({ id }) => id.length));
  const rows = steps.map((step) => {
    const status = step.status.padEnd(9);
    const note = step.status === "running" && step.note !== undefined ? `  ${step.note}` : "";
    const rest = `  ${step.id.padEnd(wide)}  ${timing(step, now)}${note}`.trimEnd();
    const cut = rest.slice(0, Math.max(0, screen.columns - status.length - 3));
    return `  ${paint(status, step.status, screen.colour)}${cut}`;
  });
  return [`[${bar}] ${ended}/${many(steps.length, "step")}`, ...rows];
}

function timing({ startedAt, endedAt, status }: StepState, now: number): string {
  if (startedAt === undefined || (endedAt === undefined && status !== "running")) return "";
  return endedAt === undefined && now - startedAt < 100 ? "" : ` ${span((endedAt ?? now) - startedAt)}`;
}

function paint(text: string, status: string, colour: boolean): string {
  return colour ? `\u001b[${COLOURS[status] ?? 2}m${text}\u001b[0m` : text;
}

/** `12 ms`, `1.8 s`, `75 s`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  return `${ms < 10_000 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s`;
}
