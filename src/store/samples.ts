/** Runs as an engine would commit them, made by the heart: what stores are tested and measured with. */
import type { Command, Decision } from "../run/commands.ts";
import { create, decide } from "../run/decide.ts";
import type { RunEvent } from "../run/events.ts";
import { pin } from "../run/pinned.ts";
import type { Pinned } from "../run/pinned.ts";
import { NULL_REF } from "../run/ref.ts";
import type { Ref } from "../run/ref.ts";
import type { Run } from "../run/state.ts";
import { invariant } from "../std/invariant.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import { DEFAULTS } from "../workflow/policy.ts";
import type { RunCommit } from "./port.ts";

const BORN = Date.UTC(2026, 0, 1);

/** `step0`, then `step1`, …; pinned, so that runs can share it. */
export function sampleChain(steps: number, id = "sample"): Pinned {
  const definition: WorkflowDefinition = {
    tutti: "1",
    id,
    version: "1",
    steps: Object.fromEntries(
      Array.from({ length: steps }, (_, index) => [
        `step${index}`,
        {
          kind: "task",
          run: { code: `step${index}.run` },
          ...(index > 0 && { needs: { before: `step${index - 1}` } }),
        },
      ]),
    ),
  };
  return pin(definition);
}

export interface SampleOptions {
  readonly pinned?: Pinned;
  readonly tags?: readonly string[];
  readonly input?: Ref;
}

/** A run whose one running step is always the next of its chain. */
export class SampleRun {
  /** As of the last commit that was taken. */
  run: Run;
  private now = BORN;
  private readonly created: Decision;

  constructor(id: string, { pinned = sampleChain(3), tags = [], input = NULL_REF }: SampleOptions = {}) {
    const { definition } = pinned;
    const { retry, timeout, runTimeoutMs, maxHandlerRounds, maxRecoveries } = DEFAULTS;
    const options = {
      priority: "normal" as const,
      tags,
      metadata: NULL_REF,
      variables: NULL_REF,
      retry,
      timeout,
      runTimeoutMs,
      maxHandlerRounds,
      maxRecoveries,
    };
    const hash = `hash-of-${definition.id}-${Object.keys(definition.steps).length}`;
    this.created = create({ runId: id, given: true, definition, hash, input, options }, pinned, this.now);
    this.run = this.created.run;
  }

  /** Its first commit: created, started, the first step running. */
  start(): RunCommit {
    const events = [...this.created.events, ...this.post({ type: "admit" }), ...this.lease(0)];
    return { ...this.commitOf(events), definition: this.run.pinned.definition };
  }

  /** The running step completes with `output`; the next begins, or the run ends. */
  step(output: Ref = { json: '{"ok":true,"value":42}' }): RunCommit {
    const events = this.complete(output);
    const next = this.run.instances.length - this.run.open;
    if (this.run.open > 0) events.push(...this.lease(next));
    else events.push(...this.post({ type: "answer", instance: -1, answer: { role: "output", output } }));
    return this.commitOf(events);
  }

  /** Whatever else is asked of it. */
  obey(command: Command): RunCommit {
    return this.commitOf(this.post(command));
  }

  private complete(output: Ref): RunEvent[] {
    const instance = this.run.instances.length - this.run.open;
    const { attempts, epoch } = this.run.instances.at(instance);
    return this.post({ type: "complete", token: { instance, attempt: attempts, epoch }, output });
  }

  private lease(instance: number): RunEvent[] {
    return this.post({ type: "lease", instance, agent: "worker", why: "the only one" });
  }

  private post(command: Command): RunEvent[] {
    const decided = decide(this.run, command, ++this.now);
    invariant(!("refused" in decided), `${command.type} was refused`);
    this.run = decided.run;
    return [...decided.events];
  }

  private commitOf(events: readonly RunEvent[]): RunCommit {
    const touched = new Set(events.flatMap(({ instance }) => instance ?? []));
    return { run: this.run, events, changed: Array.from(touched, (i) => this.run.instances.at(i)), logs: [] };
  }
}
