/**
 * The oracle: sees what became durable and what was executed, in their order, believes nothing an engine says of
 * itself, and writes down whatever must not be (RELIABILITY 2.1).
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Attempt, Outcome } from "../../executor/port.ts";
import { begin, evolve } from "../../run/evolve.ts";
import type { EventType, RunEvent } from "../../run/events.ts";
import type { Pinned } from "../../run/pinned.ts";
import { pin } from "../../run/pinned.ts";
import type { Ref } from "../../run/ref.ts";
import type { Instance, Run } from "../../run/state.ts";
import type { RunCommit, Store } from "../../store/port.ts";
import type { WorkflowDefinition } from "../../workflow/definition.ts";
import type { Counts } from "./counts.ts";
import { mayNotBegin, mayNotFail, plainInput, plainOutput } from "./rules.ts";
import type { Trace } from "./trace.ts";

/** One attempt that an executor began. */
export interface Execution {
  readonly life: number;
  readonly runId: string;
  readonly path: string;
  readonly instance: number;
  readonly attempt: number;
  readonly epoch: number;
  readonly agent: string | undefined;
  /** When it came back, whatever the engine had decided meanwhile. */
  outcome: Outcome | undefined;
}

export interface Held {
  readonly slots: number;
  readonly runs: number;
  /** Tasks at a time, by agent. */
  readonly agents: ReadonlyMap<string, number>;
}

/** A step that holds its places: begun, not ended, as the journal has it. */
export interface Place {
  readonly runId: string;
  readonly agent: string | undefined;
}

/** By uptime: when it began, and how long it may take. */
export interface Begun extends Place {
  readonly at: number;
  readonly startToCloseMs: number;
}

export interface WitnessParts {
  readonly limits: Held;
  readonly trace: Trace;
  readonly counts: Counts;
  /** Of the world: the engines' own begin with them. */
  readonly uptime: () => number;
}

export class Witness {
  /** Every run by its durable events alone. */
  readonly runs = new Map<string, Run>();
  readonly violations: string[] = [];
  /** By `run/instance/epoch`, of the engine that lives. */
  readonly places = new Map<string, Begun>();
  /** By `run/path`. */
  private readonly executions = new Map<string, { readonly key: string; readonly epochs: Map<number, Execution> }>();
  /** `run/path` by idempotency key. */
  private readonly keys = new Map<string, string>();
  private readonly pinned = new Map<string, Pinned>();
  /** By run: the types of its events, and the ids of the commands that caused them. */
  private readonly happened = new Map<string, Set<string>>();
  private readonly journals = new Map<string, string[]>();
  /** Runs that are paused. */
  private readonly pausedAt = new Map<string, number>();
  private readonly limits: Held;
  private readonly trace: Trace;
  private readonly counts: Counts;
  private readonly uptime: () => number;

  constructor(parts: WitnessParts) {
    this.limits = parts.limits;
    this.trace = parts.trace;
    this.counts = parts.counts;
    this.uptime = parts.uptime;
  }

  violated(what: string): void {
    this.violations.push(what);
    this.trace.add(`! ${what}`);
  }

  /** The run will be of this definition: the one the caller gave, not the one an engine says it has. */
  expects(runId: string, definition: WorkflowDefinition): void {
    this.pinned.set(runId, pin(definition));
  }

  /** I2, I3, I6, I7: as the events become durable. */
  durable(commits: readonly RunCommit[], whole: boolean): void {
    for (const { run, events } of commits) {
      for (const event of events) this.written(run.id, event);
    }
    if (whole) this.limitsHold();
  }

  /** I4, L2: an executor was called. */
  begins(life: number, attempt: Attempt, agent: string | undefined): Execution {
    const { runId, path, epoch } = attempt;
    const name = `${runId} ${path} epoch ${epoch}`;
    this.trace.add(`execute ${name} life ${life}`);
    this.counts.add("executions");
    const run = this.runs.get(runId);
    const instance = run && find(run, path);
    if (instance?.status !== "running" || instance.epoch !== epoch)
      this.violated(`${name} executes, but the journal has it ${instance?.status} at epoch ${instance?.epoch}`);
    const given = run && instance && plainInput(run, instance);
    if (given !== undefined && !isDeepStrictEqual(given, JSON.parse(attempt.input)))
      this.violated(`${name} is given ${attempt.input.slice(0, 200)}, which is not what its needs came to`);
    const { epochs } = this.keyed(attempt);
    if (epochs.has(epoch)) this.violated(`${name} executes twice`);
    const execution: Execution = {
      life,
      runId,
      path,
      epoch,
      agent,
      instance: instance?.index ?? -1,
      attempt: attempt.attempt,
      outcome: undefined,
    };
    epochs.set(epoch, execution);
    return execution;
  }

  /** One idempotency key for one instance, for ever, and for no other. */
  private keyed({ runId, path, idempotencyKey: key }: Attempt): { readonly epochs: Map<number, Execution> } {
    const name = `${runId}/${path}`;
    const known = this.executions.get(name) ?? { key, epochs: new Map<number, Execution>() };
    const owner = this.keys.get(key) ?? name;
    if (known.key !== key || owner !== name) this.violated(`${name} has the key of ${owner}, or a second one`);
    this.executions.set(name, known);
    this.keys.set(key, name);
    return known;
  }

  /** I7: what an engine reads from the rows is what the journals tell. */
  restored({ runs, damaged }: Awaited<ReturnType<Store["openRuns"]>>): void {
    for (const { runId, problem } of damaged) this.violated(`${runId} is damaged: ${problem}`);
    const open = [...this.runs.values()].filter(({ end }) => end === undefined);
    if (open.length !== runs.length) this.violated(`${runs.length} runs are open, ${open.length} should be`);
    for (const run of runs) this.sameAs(run);
  }

  /** I7 */
  sameAs(restored: Run): void {
    const folded = this.runs.get(restored.id);
    if (!folded || !isDeepStrictEqual(plain(folded), plain(restored)))
      this.violated(`${restored.id} in its rows is not ${restored.id} in its journal`);
  }

  /** The engine that had begun these is gone: what it held is free. */
  engineDied(): void {
    this.places.clear();
  }

  /** I1: what was acknowledged is in the journal, with its `cause`; or some event that had done the same before. */
  acknowledged(runId: string, cause: string, same: readonly EventType[]): void {
    const done = this.happened.get(runId) ?? new Set();
    if (!done.has(cause) && !same.some((type) => done.has(type)))
      this.violated(`${cause} of ${runId} was acknowledged, and the journal does not have it`);
  }

  isDurable(runId: string, event: RunEvent): boolean {
    const durable = this.journals.get(runId)?.[event.seq - 1];
    const shown = JSON.stringify(event);
    return durable === shown || (durable !== undefined && isDeepStrictEqual(JSON.parse(durable), JSON.parse(shown)));
  }

  /** An event that is asked for again, because the first answer was lost, is no news. */
  private written(runId: string, event: RunEvent): void {
    const json = JSON.stringify(event);
    const journal = this.journals.get(runId) ?? [];
    if (journal[event.seq - 1] === json) return;
    this.journals.set(runId, journal);
    journal.push(json);
    this.trace.add(`${runId} ${json}`);
    try {
      this.event(runId, JSON.parse(json) as RunEvent);
    } catch (thrown) {
      this.violated(`${runId} event ${event.seq} ${event.type}: ${messageOf(thrown)}`);
    }
  }

  private event(runId: string, event: RunEvent): void {
    const happened = this.happened.get(runId) ?? new Set<string>();
    this.happened.set(runId, happened.add(event.type));
    if (event.cause !== undefined) happened.add(event.cause);
    const before = this.runs.get(runId);
    if (!before) {
      const pinned = this.pinned.get(runId);
      if (event.type !== "run.created" || event.seq !== 1 || !pinned) throw new Error("its journal begins so");
      this.runs.set(runId, begin(runId, event, pinned));
      return;
    }
    if (event.seq !== before.seq + 1) throw new Error(`it follows event ${before.seq}`);
    const run = evolve(before, event);
    this.runs.set(runId, run);
    if (event.instance !== undefined) this.ofStep(before, event, before.instances.at(event.instance));
    else if (event.type === "run.paused") this.pausedAt.set(runId, event.at);
    else if (event.type === "run.resumed") this.pausedAt.delete(runId);
    else if (event.type === "run.completed") this.cameTo(run, event.data.output);
    if (event.instance === undefined && run.end !== undefined)
      this.counts.add(`runs ${run.end}${run.partial ? " in part" : ""}`);
  }

  private cameTo(run: Run, output: Ref): void {
    const expected = plainOutput(run);
    if (expected === undefined || !("json" in output)) return;
    if (!isDeepStrictEqual(expected, JSON.parse(output.json)))
      this.violated(`${run.id} came to ${output.json.slice(0, 200)}, which is not what its steps came to`);
  }

  private ofStep(run: Run, event: RunEvent, before: Instance): void {
    const { path, index } = before;
    if (event.type === "step.started") {
      const problem = mayNotBegin(run, before);
      if (problem !== undefined) this.violated(`${run.id} ${path} began: ${problem}`);
      if (event.epoch !== before.epoch + 1) this.violated(`${run.id} ${path} has epoch ${event.epoch}`);
      const { startToCloseMs } = { ...run.options.timeout, ...before.step.step.timeout };
      const place = { runId: run.id, agent: event.data.agent, at: this.uptime(), startToCloseMs };
      this.places.set(`${run.id}/${index}/${event.epoch}`, place);
      return;
    }
    const place = this.places.get(`${run.id}/${index}/${before.epoch}`);
    this.places.delete(`${run.id}/${index}/${before.epoch}`);
    if (place && isTimeout(event) && this.uptime() < place.at + place.startToCloseMs)
      this.violated(`${run.id} ${path} had ${this.uptime() - place.at} of its ${place.startToCloseMs} ms`);
    const problem = mayNotFail(event, this.pausedAt.get(run.id));
    if (problem !== undefined) this.violated(`${run.id} ${path} failed: ${problem}`);
    this.counts.add(event.type === "step.released" ? `released ${event.data.reason}` : event.type);
    if (event.type === "step.cancelled" && event.data.abandoned) this.counts.add("abandoned");
    if (event.type === "step.completed" && before.step.step.kind === "task") {
      const outcome = this.executions.get(`${run.id}/${path}`)?.epochs.get(before.epoch)?.outcome;
      if (!outcome?.ok || !holds(event.data.output, outcome.json))
        this.violated(`${run.id} ${path} completed at epoch ${before.epoch} with what nobody answered then`);
    }
  }

  /** Never more at a time than the limits say, of the engine that lives. */
  private limitsHold(): void {
    const { slots, runs, agents } = this.limits;
    const places = [...this.places.values()];
    if (places.length > slots) this.violated(`${places.length} tasks at a time, at most ${slots}`);
    for (const [agent, most] of agents) {
      const has = places.filter((place) => place.agent === agent).length;
      if (has > most) this.violated(`${agent} has ${has} tasks at a time, at most ${most}`);
    }
    let running = 0;
    for (const { id, startedAt, end, pinned } of this.runs.values()) {
      if (end !== undefined) continue;
      if (startedAt !== undefined) running++;
      const has = places.filter((place) => place.runId === id).length;
      const most = pinned.definition.concurrency ?? Infinity;
      if (has > most) this.violated(`${id} has ${has} tasks at a time, at most ${most}`);
    }
    if (running > runs) this.violated(`${running} runs at a time, at most ${runs}`);
  }
}

function isTimeout({ data }: RunEvent): boolean {
  return "error" in data && data.error.code === "START_TO_CLOSE";
}

/** What is a run's own: without what all runs of its definition share. */
function plain({ pinned: _, instances, ...run }: Run): object {
  return { ...run, instances: Array.from(instances, ({ step: _shared, ...instance }) => instance) };
}

function find(run: Run, path: string): Instance | undefined {
  for (const instance of run.instances) if (instance.path === path) return instance;
  return undefined;
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function holds(ref: Ref, json: string): boolean {
  return "json" in ref ? ref.json === json : ref.hash === createHash("sha256").update(json).digest("hex");
}
