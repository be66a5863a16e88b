/** A run as `--json` prints it: what scripts rely on. Documented in docs/cli.md; fields are added, never changed. */
import type { Failure } from "../errors.ts";
import type { RunInfo, StepInfo } from "../facets/view.ts";
import type { InstanceStatus, RunStatus } from "../run/state.ts";
import type { Json } from "../std/json.ts";

type ShownFailure = Omit<Failure, "stack" | "cause"> & { readonly cause?: ShownFailure };

export interface RunDocument {
  readonly id: string;
  readonly workflow: { readonly id: string; readonly version: string; readonly hash: string };
  readonly status: RunStatus;
  /** Some steps failed, and the workflow allows that. */
  readonly partial?: true;
  /** Why it was cancelled, or what a stranded run misses. */
  readonly reason?: string;
  /** It was killed: what its steps did may be half done. */
  readonly inconsistent?: true;
  readonly output: Json;
  readonly error?: ShownFailure;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly steps: Readonly<Record<string, StepDocument>>;
}

interface StepDocument {
  readonly status: InstanceStatus;
  readonly agent?: string;
  readonly attempts: number;
  readonly readyAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly output?: Json;
  readonly error?: ShownFailure;
  /** Of a skip. */
  readonly reason?: string;
}

export function runDocument(info: RunInfo): RunDocument {
  const { id, workflow, status } = info;
  const reason = reasonOf(info);
  return {
    id,
    workflow: { id: workflow.id, version: workflow.version, hash: workflow.hash },
    status,
    ...(info.status === "completed" && info.partial && { partial: true as const }),
    ...(reason !== undefined && { reason }),
    ...(info.status === "cancelled" && info.inconsistent && { inconsistent: true as const }),
    output: info.status === "completed" ? info.output : null,
    ...(info.status === "failed" && { error: shownFailure(info.error) }),
    startedAt: info.startedAt ?? null,
    endedAt: "endedAt" in info ? info.endedAt : null,
    steps: Object.fromEntries(Object.entries(info.steps).map(([path, step]) => [path, stepDocument(step)])),
  };
}

export function reasonOf(info: RunInfo): string | undefined {
  if (info.status === "stranded") return `missing: ${info.missing.join(", ")}`;
  return info.status === "cancelled" ? info.reason : undefined;
}

function stepDocument(step: StepInfo): StepDocument {
  const { status, agent, attempts, readyAt, startedAt, endedAt, output, error, reason } = step;
  return {
    status,
    ...(agent !== undefined && { agent }),
    attempts,
    readyAt: readyAt ?? null,
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    ...(output !== undefined && { output }),
    ...(error && { error: shownFailure(error) }),
    ...(reason !== undefined && { reason }),
  };
}

/** Without the stack: paths and lines of this machine are nobody's contract. */
export function shownFailure({ stack: _, cause, ...failure }: Failure): ShownFailure {
  return { ...failure, ...(cause && { cause: shownFailure(cause) }) };
}
