/** One event as people and programs see it: values instead of refs, ISO times, the step beside the path. */
import type { Failure } from "../errors.ts";
import type { EventType, RunEvent } from "../run/events.ts";
import type { Ref } from "../run/ref.ts";
import type { Json } from "../std/json.ts";
import type { Blobs } from "./view.ts";
import { iso } from "./view.ts";

export interface TuttiEvent {
  readonly type: EventType;
  readonly runId: string;
  /** Gapless within the run. */
  readonly seq: number;
  readonly at: string;
  /** Of `step.*`: the instance, the step it is one of, and the attempt. */
  readonly path?: string;
  readonly stepId?: string;
  readonly attempt?: number;
  readonly agent?: string;
  readonly output?: Json;
  readonly error?: Failure;
  readonly reason?: string;
  /** Of `run.stranded`: what would let it go on. */
  readonly missing?: readonly string[];
}

interface Told {
  readonly agent?: string;
  readonly output?: Ref;
  readonly error?: Failure;
  readonly reason?: string;
  readonly missing?: readonly string[];
}

export async function describeEvent(runtime: Blobs, runId: string, event: RunEvent): Promise<TuttiEvent> {
  const { type, seq, path, attempt } = event;
  const { agent, output, error, reason, missing } = event.data as Told;
  return {
    type,
    runId,
    seq,
    at: iso(event.at),
    ...(path !== undefined && { path, stepId: path.slice(path.lastIndexOf("/") + 1) }),
    ...(attempt !== undefined && { attempt }),
    ...(agent !== undefined && { agent }),
    ...(output && { output: JSON.parse(await runtime.blob.get(output)) as Json }),
    ...(error && { error }),
    ...(reason !== undefined && { reason }),
    ...(missing && { missing }),
  };
}
