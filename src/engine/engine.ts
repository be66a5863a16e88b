/** The embedded runtime: runs in memory around the loop, admission, recovery, what callers ask and watch. */
import { TuttiError } from "../errors.ts";
import type { Command } from "../run/commands.ts";
import { create } from "../run/decide.ts";
import type { RunEvent } from "../run/events.ts";
import type { EventListener, RunFilter, RunPage, RunView, Runtime, StartRun, ViewListener } from "../run/runtime.ts";
import type { Run } from "../run/state.ts";
import type { Disarm } from "../std/clock.ts";
import { InTurn } from "../std/in-turn.ts";
import type { LogLine } from "../task/log.ts";
import { Admission } from "./admission.ts";
import { Cell } from "./cell.ts";
import { sourceOf } from "./code.ts";
import { Deadlines } from "./deadlines.ts";
import { Declared } from "./declared.ts";
import { follow } from "./follow.ts";
import { differenceOf } from "./same.ts";
import { Loop } from "./loop.ts";
import type { EngineParts } from "./parts.ts";
import { persist } from "./persist.ts";
import { Pins } from "./pins.ts";
import { Watchers } from "./watch.ts";

const LOOK_EVERY_MS = 60_000;
const LOG_LINES = 10_000;

export class Engine implements Runtime, AsyncDisposable {
  readonly blob: Runtime["blob"];
  private readonly watchers: Watchers;
  private readonly parts: EngineParts;
  private readonly loop: Loop;
  private readonly pins = new Pins();
  private readonly cells = new Map<string, Cell>();
  private readonly starting = new InTurn();
  private readonly admission: Admission;
  private readonly declared: Declared;
  private readonly expiries: Deadlines<Cell>;
  private order = 0;
  private closing: Promise<void> | undefined;
  /** The runs that had not ended when it opened. */
  opened: readonly string[] = [];

  private constructor(parts: EngineParts) {
    this.parts = parts;
    this.watchers = new Watchers(parts.report);
    this.expiries = new Deadlines(parts.clock, (cell) => this.expire(cell));
    this.loop = new Loop(parts, {
      committed: (cell, events) => this.watchers.committed(cell.id, events, () => cell.view()),
      changed: (cell) => this.watchers.changed(cell.id, () => cell.view()),
      ended: (cell) => this.forget(cell),
    });
    this.admission = new Admission(parts.limits.maxConcurrentRuns, (cell) => this.loop.post(cell, { type: "admit" }));
    this.declared = new Declared(parts.code, (agent) => {
      const { card, executor } = parts.reach(agent);
      this.loop.execution.addAgent(card, executor);
      return this.loop.dispatcher.seatFor(card);
    });
    this.addAgents(parts.agents);
    const { store } = parts;
    const closing = (): boolean => this.closing !== undefined;
    this.blob = { put: (json) => persist(parts, () => store.putBlob(json), closing), get: (ref) => store.text(ref) };
  }

  /** Opens on a store and takes up every open run: the same code at every start, after a crash or not. */
  static async open(parts: EngineParts): Promise<Engine> {
    const engine = new Engine(parts);
    await parts.reap();
    const { runs, damaged } = await parts.store.openRuns();
    for (const { runId, problem } of damaged) parts.report(`run ${runId} is damaged and left alone: ${problem}`);
    const byAge = [...runs].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    await parts.code.loadFor(byAge);
    for (const run of byAge) engine.takeUp(run);
    engine.opened = byAge.map(({ id }) => id);
    engine.admission.next();
    await engine.loop.drain();
    return engine;
  }

  /**
   * One command for one run of a store that has no engine, and nothing else: a pause or resume is made durable, a
   * cancel or kill also drives that run to its end. Rejects with what it was refused for.
   */
  static async command(parts: EngineParts, runId: string, command: Command): Promise<void> {
    const engine = new Engine(parts);
    try {
      const run = await parts.store.run(runId);
      if (!run || run.end) return await engine.post(runId, command);
      if (command.type !== "cancel" && command.type !== "kill") {
        engine.loop.wind();
        return await engine.send(new Cell(run, 0, false), command);
      }
      await parts.reap();
      await parts.code.loadFor([run]);
      engine.takeUp(run);
      // In the same turn, so that nothing begins that would only be stopped.
      await engine.post(runId, command);
      await engine.whenEnded(runId);
    } finally {
      await engine[Symbol.asyncDispose]();
    }
  }

  async start(start: StartRun): Promise<void> {
    this.assertOpen();
    if (!start.given) return this.begin(start);
    return this.starting.run(start.runId, () => this.startGiven(start));
  }

  async post(runId: string, command: Command): Promise<void> {
    this.assertOpen();
    const cell = this.cells.get(runId);
    if (cell) return this.send(cell, command);
    const run = await this.parts.store.run(runId);
    if (!run) throw new TuttiError("RUN_UNKNOWN", { run: runId });
    if (command.type === "cancel" && run.end === "cancelled") return;
    throw new TuttiError("RUN_ENDED", { run: runId, status: run.end ?? "not open here", verb: command.type });
  }

  async get(runId: string): Promise<RunView | undefined> {
    const cell = this.cells.get(runId);
    if (cell) return cell.durable && cell.view();
    const run = await this.parts.store.run(runId);
    return run && { run, attempts: [] };
  }

  list(filter: RunFilter): Promise<RunPage> {
    return this.parts.store.runs(filter);
  }

  subscribe(runId: string, fromSeq: number, signal: AbortSignal): AsyncIterable<RunEvent> {
    const { store } = this.parts;
    return follow({ store, watchers: this.watchers, isOpen: () => this.cells.has(runId) }, runId, fromSeq, signal);
  }

  logs(runId: string, path?: string): Promise<readonly LogLine[]> {
    return this.parts.store.logs(runId, path, LOG_LINES);
  }

  watch(runId: string, listener: ViewListener): Disarm {
    return this.watchers.watch(runId, listener);
  }

  listen(listener: EventListener): Disarm {
    return this.watchers.listen(listener);
  }

  async whenEnded(runId: string): Promise<Run> {
    const cell = this.cells.get(runId);
    if (!cell) {
      const run = await this.parts.store.run(runId);
      if (!run) throw new TuttiError("RUN_UNKNOWN", { run: runId });
      return run;
    }
    return this.watchers.until((resolve) => {
      const disarm = this.watchers.watch(runId, ({ run }) => {
        if (!run.end) return;
        disarm();
        resolve(run);
      });
    });
  }

  /** Agents that came later. One whose id is known is not added again. */
  addAgents(agents: EngineParts["agents"]): void {
    for (const { card, executor } of agents) this.loop.addAgent(card, executor);
  }

  /** More code has been registered: runs that were stranded for want of it go on. */
  codeAdded(): void {
    for (const cell of this.cells.values()) {
      this.noteCode(cell);
      if (!cell.run.stranded || this.parts.code.missing(...sourceOf(cell.run)).length > 0) continue;
      this.resume(cell);
    }
    this.admission.next();
  }

  /** Lets running attempts finish for a while, hands the rest back (it counts against nobody), closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    this.closing ??= this.close();
    return this.closing;
  }

  private async close(): Promise<void> {
    const { clock, limits, store } = this.parts;
    const { execution } = this.loop;
    this.loop.wind();
    try {
      // What is leased begins first, so that it can be waited for.
      await this.loop.drain();
      const enough = clock.after(limits.shutdownGraceMs, () => this.abortAll());
      await execution.whenIdle();
      enough();
      await this.loop.drain();
    } finally {
      this.loop.close();
      this.expiries.close();
      this.watchers.close();
      await store[Symbol.asyncDispose]();
    }
  }

  /** Stops what is under way, as a close does that has waited long enough. */
  abortAll(): void {
    for (const cell of this.cells.values()) {
      for (const live of cell.attempts.values()) this.loop.execution.abort(live, "shutdown");
    }
  }

  private async startGiven(start: StartRun): Promise<void> {
    const existing = this.cells.get(start.runId)?.durable ?? (await this.parts.store.run(start.runId));
    if (!existing) return this.begin(start);
    const differs = await differenceOf(this.parts.store, existing, start);
    if (differs) throw new TuttiError("RUN_EXISTS", { run: start.runId, differs });
    // Asked for again, perhaps because what it was stranded for is there now, or elsewhere.
    await this.refresh(start);
    const { code } = this.parts;
    const cell = this.cells.get(start.runId);
    const source = start.options.source && code.sourceIn(start.definition, start.options.source.folder);
    if (!cell?.run.stranded || !source) return;
    const heard = this.send(cell, { type: "code", source });
    cell.own = this.declared.of(start.definition, source.folder);
    if (code.missing(...sourceOf(cell.run)).length > 0) this.resume(cell);
    this.admission.next();
    await heard;
  }

  private async refresh({ definition, options }: StartRun): Promise<void> {
    const { code } = this.parts;
    if (code.usesModules(definition) && (await code.load(definition, options.source?.folder))) this.codeAdded();
  }

  private async begin(start: StartRun): Promise<void> {
    const { definition, hash } = start;
    const { code } = this.parts;
    const { source } = start.options;
    await this.refresh(start);
    this.assertOpen();
    code.assertThere(definition, source?.folder);
    const modules = source && { source: { ...source, modules: code.modules(definition, source.folder) } };
    const begun = { ...start, options: { ...start.options, ...modules } };
    const decision = create(begun, this.pins.pin(hash, definition), this.parts.clock.now());
    const cell = new Cell(decision.run, this.order++, true);
    this.cells.set(cell.id, cell);
    cell.own = this.declared.of(definition, source?.folder);
    const started = new Promise<void>((resolve, reject) => this.loop.post(cell, decision, { resolve, reject }));
    this.expire(cell);
    this.admission.wait(cell);
    this.admission.next();
    await started;
  }

  private send(cell: Cell, command: Command): Promise<void> {
    return new Promise((resolve, reject) => this.loop.post(cell, command, { resolve, reject }));
  }

  private takeUp(stored: Run): void {
    const run = { ...stored, pinned: this.pins.pin(stored.workflow.hash, stored.pinned.definition) };
    const cell = new Cell(run, this.order++, false);
    this.cells.set(cell.id, cell);
    this.expire(cell);
    cell.own = this.declared.of(...sourceOf(run));
    this.noteCode(cell);
    const missing = this.parts.code.missing(...sourceOf(run));
    if (missing.length > 0) this.loop.post(cell, { type: "strand", missing });
    if (cell.admitted) this.admission.count();
    if (cell.admitted || missing.length === 0) this.resume(cell, missing.length === 0);
  }

  /** A run that has begun goes on; one that has not waits for its slot, until all that have begun are counted. */
  private resume(cell: Cell, codeIsHere = true): void {
    if (codeIsHere && cell.run.stranded) this.loop.post(cell, { type: "unstrand" });
    if (cell.admitted) this.loop.post(cell, { type: "recover" });
    else this.admission.wait(cell);
  }

  private noteCode(cell: Cell): void {
    const [definition, folder] = sourceOf(cell.run);
    if (folder === undefined) return;
    this.loop.post(cell, { type: "code", source: { folder, modules: this.parts.code.modules(definition, folder) } });
  }

  private forget(cell: Cell): void {
    this.cells.delete(cell.id);
    this.expiries.disarm(cell);
    this.admission.leave(cell);
  }

  /** A deadline is wall clock, which may jump or go on while we sleep: it is looked at now and then. */
  private expire(cell: Cell): void {
    const { createdAt, options } = cell.run;
    const left = createdAt + options.runTimeoutMs - this.parts.clock.now();
    if (left > 0) this.expiries.arm(cell, Math.min(left, LOOK_EVERY_MS));
    else this.loop.post(cell, { type: "expire" });
  }

  private assertOpen(): void {
    if (this.closing) throw new TuttiError("CLOSED", { what: "orchestrator" });
  }
}
