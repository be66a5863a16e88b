/** Those who only look: nobody is ever shown what a crash could still take back (L2). */
import type { Engine } from "../../engine/engine.ts";
import type { RunEvent } from "../../run/events.ts";
import type { Counts } from "./counts.ts";
import type { World } from "./lives.ts";
import type { Witness } from "./witness.ts";

export interface ReadersParts {
  readonly world: World;
  readonly witness: Witness;
  readonly counts: Counts;
}

export class Readers {
  private readonly parts: ReadersParts;
  /** Followers of each engine that have not come to an end. */
  private readonly following = new Map<Engine, number>();

  constructor(parts: ReadersParts) {
    this.parts = parts;
    parts.world.onClosed = (engine) => {
      if (this.following.get(engine)) parts.witness.violated("an engine closed and left a follower waiting");
    };
  }

  /** Hears all that happens from now on, in order. */
  listen(engine: Engine | undefined): void {
    if (!engine || this.following.has(engine)) return;
    this.following.set(engine, 0);
    const last = new Map<string, number>();
    engine.listen((runId, event) => {
      this.shown(runId, event);
      const before = last.get(runId) ?? event.seq - 1;
      if (event.seq !== before + 1)
        this.parts.witness.violated(`${runId} event ${event.seq} was heard after ${before}`);
      last.set(runId, event.seq);
    });
  }

  look(engine: Engine | undefined, runId: string): void {
    const { witness, counts } = this.parts;
    void engine?.get(runId).then((view) => {
      counts.add("looks");
      const seq = witness.runs.get(runId)?.seq ?? 0;
      if (view && view.run.seq > seq)
        witness.violated(`${runId} was shown at event ${view.run.seq}, ${seq} are durable`);
    }, ignored);
  }

  follow(engine: Engine | undefined, runId: string): void {
    if (engine) this.followed(engine, runId).catch(ignored);
  }

  private async followed(engine: Engine, runId: string): Promise<void> {
    const { witness, counts, world } = this.parts;
    const open = (by: number): unknown => this.following.set(engine, (this.following.get(engine) ?? 0) + by);
    let seq = 0;
    open(1);
    try {
      for await (const event of engine.subscribe(runId, 0, new AbortController().signal)) {
        this.shown(runId, event);
        if (event.seq !== ++seq) witness.violated(`${runId} event ${event.seq} came after ${seq - 1}`);
      }
    } finally {
      open(-1);
    }
    counts.add("followed to the end");
    const run = witness.runs.get(runId);
    if (world.life?.engine === engine && !world.life.closing && run && (run.end === undefined || run.seq !== seq))
      witness.violated(`${runId} was followed to event ${seq}, and it is at ${run.seq}`);
  }

  private shown(runId: string, event: RunEvent): void {
    if (!this.parts.witness.isDurable(runId, event))
      this.parts.witness.violated(`${runId} event ${event.seq} was shown before it was durable`);
  }
}

/** Its engine died or closed: whoever wants to know asks the next one. */
function ignored(): void {}
