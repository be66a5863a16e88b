/** Those who start runs and steer them: they ask again until they are answered, and note what they were told. */
import type { Engine } from "../../engine/engine.ts";
import type { ErrorCode } from "../../errors.ts";
import { TuttiError } from "../../errors.ts";
import type { Outcome } from "../../executor/port.ts";
import type { Command } from "../../run/commands.ts";
import type { EventType } from "../../run/events.ts";
import type { SimulatedClock } from "../clock.ts";
import { startOf } from "../engine.ts";
import type { Counts } from "./counts.ts";
import type { World } from "./lives.ts";
import { Readers } from "./readers.ts";
import type { PlannedRun, Scenario, Verb } from "./scenario.ts";
import type { Execution, Witness } from "./witness.ts";
import { messageOf } from "./witness.ts";

/** What may be refused, and why: the run is not there yet, is over, or is in no state for it. */
const REFUSALS: readonly ErrorCode[] = ["RUN_UNKNOWN", "RUN_ENDED", "RUN_STATE", "CLOSED"];

export interface ClientsParts {
  readonly scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly counts: Counts;
  readonly witness: Witness;
  readonly world: World;
}

export class Clients {
  /** Starts that were acknowledged. */
  readonly started = new Set<string>();
  private readonly parts: ClientsParts;
  private readonly readers: Readers;
  private asked = 0;

  constructor(parts: ClientsParts) {
    this.parts = parts;
    this.readers = new Readers(parts);
    const { scenario, clock, world } = parts;
    for (const run of scenario.runs) {
      clock.after(run.atMs, () => {
        this.start(run);
        if (run.twice) this.start(run);
      });
    }
    for (const { atMs, run, verb } of scenario.commands) clock.after(atMs, () => this.command(run, verb));
    world.onOpen = () => this.askAgain();
    world.onEcho = (execution, outcome) => this.claimAgain(execution, outcome);
  }

  /** Everything goes on from here: what is paused, what was never acknowledged. */
  release(): void {
    for (const { id } of this.parts.scenario.runs) this.post(id, { type: "resume" }, ["run.created"]);
  }

  private askAgain(): void {
    this.readers.listen(this.engine());
    const { scenario, clock, world } = this.parts;
    for (const run of scenario.runs) if (!this.started.has(run.id) && clock.uptime() >= run.atMs) this.start(run);
    if (world.calm) this.release();
  }

  private start(run: PlannedRun): void {
    const { world, witness, counts } = this.parts;
    const engine = this.engine();
    if (!engine) return;
    witness.expects(run.id, run.definition);
    const { life } = world;
    engine.start(startOf(run.id, run.definition, run.options)).then(
      () => {
        counts.add("starts acknowledged");
        this.started.add(run.id);
        witness.acknowledged(run.id, "start", ["run.created"]);
      },
      (error: unknown) => {
        if (world.life === life && !life?.closing && !isRefusal(error, ["CLOSED", "CODE_UNKNOWN"]))
          witness.violated(`start of ${run.id}: ${messageOf(error)}`);
      },
    );
  }

  private command(runId: string, verb: Verb): void {
    switch (verb) {
      case "pause":
        this.post(runId, { type: "pause" }, ["run.paused"]);
        this.parts.clock.after(2_000, () => this.post(runId, { type: "resume" }, ["run.created"]));
        return;
      case "cancel":
        return this.post(runId, { type: "cancel", reason: "enough" }, ["run.cancelling", "run.failing"]);
      case "kill":
        return this.post(runId, { type: "kill" }, []);
      case "variables":
        return this.post(runId, { type: "variables", variables: { json: '{"a":1}' } }, []);
      case "look":
        return this.readers.look(this.engine(), runId);
      case "follow":
        return this.readers.follow(this.engine(), runId);
    }
  }

  /** `same`: events after which there may be nothing left to do. */
  private post(runId: string, command: Command, same: readonly EventType[]): void {
    const { world, witness, counts } = this.parts;
    const { life } = world;
    const cause = `${command.type} ${++this.asked}`;
    void this.engine()
      ?.post(runId, { ...command, cause })
      .then(
        () => {
          counts.add(`${command.type} acknowledged`);
          witness.acknowledged(runId, cause, same);
        },
        (error: unknown) => {
          if (world.life !== life || life?.closing) return;
          counts.add("commands refused");
          if (!isRefusal(error, REFUSALS)) witness.violated(`${cause} of ${runId}: ${messageOf(error)}`);
          if (isRefusal(error, ["RUN_ENDED"]) && witness.runs.get(runId)?.end === undefined)
            witness.violated(`${cause} of ${runId} was told it has ended, and it has not`);
        },
      );
  }

  /** I10: an attempt speaks once more, or for the first time to an engine that never began it. Nobody may listen. */
  private claimAgain({ runId, instance, attempt, epoch, life }: Execution, outcome: Outcome): void {
    const { counts, witness, world } = this.parts;
    const token = { instance, attempt, epoch };
    const foreign = life !== world.life?.number;
    // Its engine has the answer, and has not made up its mind about it.
    if (!foreign && witness.places.has(`${runId}/${instance}/${epoch}`)) return;
    const claim: Command =
      outcome.ok && !foreign
        ? { type: "complete", token, output: { json: outcome.json } }
        : { type: "complete", token, output: { json: '"a lie"' } };
    void this.engine()
      ?.post(runId, claim)
      .then(
        () => {
          if (foreign) witness.violated(`${runId} #${instance} took the answer of epoch ${epoch}, which is over`);
        },
        () => counts.add(foreign ? "answers too late" : "answers given twice"),
      );
  }

  private engine(): Engine | undefined {
    const { life } = this.parts.world;
    return life?.closing ? undefined : life?.engine;
  }
}

function isRefusal(error: unknown, codes: readonly ErrorCode[]): boolean {
  return error instanceof TuttiError && codes.includes(error.code);
}
