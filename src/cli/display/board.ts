/** What is known of the runs that are shown, from their events and their progress; and how that looks. Pure. */
import type { TuttiEvent } from "../../facets/event.ts";
import type { Progress } from "../../run/progress.ts";
import type { Look } from "./look.ts";
import { clockOf, fit, spanOf, visible } from "./text.ts";

/** One thing that happened, as a line is made of it. */
export interface Change {
  readonly at: string;
  /** The path of the step; of a run its id. */
  readonly what: string;
  readonly state: string;
  readonly detail: string;
  /** It is over: a block that is redrawn leaves it behind. */
  readonly ended: boolean;
}

interface Active {
  readonly since: number;
  readonly attempt: number;
  readonly agent: string | undefined;
  readonly state: "running" | "retrying";
}

interface Shown {
  readonly active: Map<string, Active>;
  progress: Progress | undefined;
  startedAt: number | undefined;
}

const BAR = 20;

export class Board {
  readonly #runs = new Map<string, Shown>();

  /** `undefined`: it changes nothing that is shown. */
  event(event: TuttiEvent): Change | undefined {
    const run = this.#run(event.runId);
    if (event.type === "run.started") run.startedAt = Date.parse(event.at);
    const before = event.path === undefined ? undefined : run.active.get(event.path);
    if (event.path !== undefined) follow(run.active, event.path, event);
    const state = STATES[event.type];
    if (state === undefined) return undefined;
    const ended = ENDED.has(event.type);
    const spent = ended && before ? [spanOf(Date.parse(event.at) - before.since)] : [];
    return {
      at: event.at,
      what: event.path ?? event.runId,
      state,
      detail: [...detailOf(event), ...spent].join(", "),
      ended,
    };
  }

  progress(runId: string, progress: Progress): void {
    this.#run(runId).progress = progress;
  }

  /** Above all steps of one run, or one line for each of several. `beat` turns the spinner. */
  block(size: { readonly columns: number; readonly rows: number }, now: number, look: Look, beat: number): string[] {
    const runs = [...this.#runs].filter(([, { progress }]) => progress && !isOver(progress));
    const most = Math.max(1, Math.min(12, size.rows - 4));
    const several = this.#runs.size > 1;
    const lines = runs.flatMap(([id, run]) => {
      const header = headerOf(run, now);
      return several ? [`${header} ${visible(id)}`] : [header, ...stepLines(run, now, look, beat)];
    });
    const more = lines.length - most;
    const kept = more > 1 ? [...lines.slice(0, most), `  and ${more} more`] : lines;
    return kept.map((line) => fit(line, size.columns - 1, look.cut));
  }

  /** In one line how far it all is, for where nothing is redrawn. */
  summary(now: number): string {
    return [...this.#runs]
      .filter(([, { progress }]) => progress && !isOver(progress))
      .map(([id, run]) => {
        const steps = (run.progress?.currentSteps ?? []).map(({ path }) => visible(path));
        const named = steps.length > 3 ? [...steps.slice(0, 3), `${steps.length - 3} more`] : steps;
        return `${visible(id)} ${run.progress?.status} ${headerOf(run, now)} ${named.join(", ")}`.trimEnd();
      })
      .join("; ");
  }

  #run(id: string): Shown {
    let run = this.#runs.get(id);
    if (!run) {
      run = { active: new Map(), progress: undefined, startedAt: undefined };
      this.#runs.set(id, run);
    }
    return run;
  }
}

/** How each event reads; the others are not shown. */
const STATES: { readonly [type in TuttiEvent["type"]]?: string } = {
  "step.started": "running",
  "step.released": "ready",
  "step.retrying": "retrying",
  "step.completed": "completed",
  "step.failed": "failed",
  "step.skipped": "skipped",
  "step.cancelled": "cancelled",
  "run.started": "running",
  "run.paused": "paused",
  "run.resumed": "resumed",
  "run.stranded": "stranded",
  "run.unstranded": "running",
  "run.code_changed": "code changed",
  "run.cancelling": "cancelling",
  "run.failing": "failing",
  "run.completed": "completed",
  "run.failed": "failed",
  "run.cancelled": "cancelled",
};

const ENDED: ReadonlySet<TuttiEvent["type"]> = new Set([
  "step.completed",
  "step.failed",
  "step.skipped",
  "step.cancelled",
]);

function follow(active: Map<string, Active>, path: string, { type, at, agent, attempt = 1 }: TuttiEvent): void {
  if (type === "step.started") active.set(path, { since: Date.parse(at), attempt, agent, state: "running" });
  else if (type === "step.retrying") active.set(path, { since: Date.parse(at), attempt, agent, state: "retrying" });
  else if (type === "step.released" || ENDED.has(type)) active.delete(path);
}

function detailOf({ type, agent, attempt = 1, error, reason, missing }: TuttiEvent): string[] {
  const told: string[] = [];
  if (type === "step.started" && agent !== undefined) told.push(`agent ${agent}`);
  if (type === "step.started" && attempt > 1) told.push(`attempt ${attempt}`);
  if (error) told.push(`${error.kind}: ${error.message}`);
  if (reason !== undefined) told.push(reason);
  if (missing) told.push(`missing: ${missing.join(", ")}`);
  return told;
}

function isOver({ status }: Progress): boolean {
  return ["completed", "failed", "cancelled", "compensated", "compensation_failed"].includes(status);
}

function headerOf({ progress, startedAt }: Shown, now: number): string {
  const { ended = 0, total = 0, ratio = 0, etaMs } = progress ?? {};
  const filled = Math.floor(ratio * BAR);
  const bar = `[${"#".repeat(filled)}${"-".repeat(BAR - filled)}] ${ended}/${total} ${Math.floor(ratio * 100)}%`;
  const spent = startedAt === undefined ? "" : ` ${clockOf(now - startedAt)}`;
  return `${bar}${spent}${etaMs === undefined ? "" : ` eta ${clockOf(etaMs)}`}`;
}

function stepLines({ active, progress }: Shown, now: number, look: Look, beat: number): string[] {
  const notes = new Map(progress?.currentSteps.map((step) => [step.path, step]));
  const spinner = look.spinner[beat % look.spinner.length] ?? "";
  return [...active].map(([path, { since, attempt, agent, state }]) => {
    const { ratio, note } = notes.get(path) ?? {};
    const parts = [
      `${spinner} ${visible(path)}`,
      attempt > 1 || state === "retrying" ? `${state}, attempt ${attempt}` : state,
      clockOf(now - since),
      ...(agent === undefined ? [] : [visible(agent)]),
      ...(ratio === undefined ? [] : [`${Math.floor(ratio * 100)}%`]),
      ...(note === undefined ? [] : [visible(note)]),
    ];
    return `  ${parts.join("  ")}`;
  });
}
