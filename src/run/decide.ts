/**
 * `decide`: what a command does to a run. Pure: the same commands at the same times give the same bytes.
 *
 * Invariants
 *  D1  A command either is refused and changes nothing, or gives events; asking for what already holds gives none.
 *  D2  A step starts only when its join is fulfilled, and never in a run that is paused, stranded, stopping or ended.
 *  D3  Only the attempt that holds the current epoch can end its step.
 *  D4  Whatever follows from an end without anybody's help (skips, scopes, the run's own end) is in the same decision.
 *  D5  After a crash, `recover` asks again for everything that was asked for and not yet answered, and for nothing else.
 */
import { unreachable } from "../std/invariant.ts";
import { attemptFailed, giveUp, handlerAnswered } from "./attempt.ts";
import type { Answer, Command, Decision, Refusal, Token } from "./commands.ts";
import { begin } from "./evolve.ts";
import { awaitedBy } from "./instance.ts";
import type { RunSource } from "./events.ts";
import type { Pinned } from "./pinned.ts";
import type { StartRun } from "./runtime.ts";
import { settle } from "./settle.ts";
import type { Instance, Run } from "./state.ts";
import { statusOf } from "./status.ts";
import { Turn } from "./turn.ts";

/** A new run, pending until it is admitted. */
export function create(start: StartRun, pinned: Pinned, now: number): Decision {
  const { hash, input, options, actor, cause } = start;
  const { definition } = pinned;
  const event = {
    type: "run.created",
    seq: 1,
    branch: 0,
    at: now,
    ...(actor && { actor }),
    ...(cause !== undefined && { cause }),
    data: { workflow: { id: definition.id, version: definition.version, hash }, input, options },
  } as const;
  return { run: begin(start.runId, event, pinned), events: [event], effects: [] };
}

export function decide(run: Run, command: Command, now: number): Decision | Refusal {
  if (run.end !== undefined) return afterEnd(run, command);
  const turn = new Turn(run, now, command);
  const refusal = obey(turn, command);
  if (refusal) return refusal;
  settle(turn);
  return turn.decision();
}

/** Nothing changes an ended run; what only asks for quiet has it already. */
function afterEnd(run: Run, command: Command): Decision | Refusal {
  if ("token" in command) return stale(run, command.token);
  if (command.type === "cancel" && run.end === "cancelled") return { run, events: [], effects: [] };
  return { refused: "RUN_ENDED", data: { run: run.id, status: run.end, verb: command.type } };
}

function obey(turn: Turn, command: Command): Refusal | undefined {
  const { run } = turn;
  switch (command.type) {
    case "admit":
      return admit(turn);
    case "pause":
      if (run.stopping) return wrongState(run, "be paused");
      if (run.paused) return undefined;
      turn.emit("run.paused", {});
      turn.effect({ type: "hold" });
      return undefined;
    case "resume":
      if (!run.paused) return undefined;
      turn.emit("run.resumed", {});
      if (!turn.run.stranded) turn.effect({ type: "unhold" });
      return undefined;
    case "cancel":
      if (run.stopping) return undefined;
      turn.emit("run.cancelling", command.reason === undefined ? {} : { reason: command.reason });
      turn.stopRest("cancel");
      return undefined;
    case "kill":
      return kill(turn, command.reason);
    case "expire":
      if (run.stopping) return undefined;
      turn.emit("run.failing", { error: { kind: "timeout", message: "the run reached its time limit" } });
      turn.stopRest("timeout");
      return undefined;
    case "variables":
      turn.emit("run.variables", { variables: command.variables });
      return undefined;
    case "strand":
      if (JSON.stringify(run.stranded) === JSON.stringify(command.missing)) return undefined;
      turn.emit("run.stranded", { missing: command.missing });
      turn.effect({ type: "hold" });
      return undefined;
    case "unstrand":
      if (!run.stranded) return undefined;
      turn.emit("run.unstranded", {});
      if (!run.paused) turn.effect({ type: "unhold" });
      return undefined;
    case "code":
      return codeIs(turn, command.source);
    case "recover":
      return recover(turn);
    case "answer":
      return answered(turn, command);
    case "lease":
      return lease(turn, command);
    case "refuse":
      return refuse(turn, command);
    case "complete":
    case "fail":
    case "release":
    case "stopped":
      return ofAttempt(turn, command);
    default:
      return unreachable(command);
  }
}

function admit(turn: Turn): undefined {
  if (turn.run.startedAt !== undefined) return undefined;
  turn.emit("run.started", {});
  for (const root of turn.run.pinned.graph.roots) turn.ask(root);
  turn.revisit(-1);
  return undefined;
}

function kill(turn: Turn, reason: string | undefined): undefined {
  const why = reason === undefined ? {} : { reason };
  if (!turn.run.stopping) turn.emit("run.cancelling", why);
  turn.stopRest("kill");
  turn.emit("run.cancelled", { ...why, inconsistent: true });
  turn.effect({ type: "ended" });
  return undefined;
}

type LeaseCommand = Extract<Command, { type: "lease" }>;

function lease(turn: Turn, command: LeaseCommand): Refusal | undefined {
  const { run } = turn;
  const instance = find(run, command.instance);
  // Whether a retry is due the shell knows: it counts the wait by its uptime, which no jump of the wall clock cuts.
  if (!instance || awaitedBy(instance) !== "agent" || run.paused || run.stranded || run.stopping)
    return wrongState(run, `start ${pathOf(run, command)}`);
  const { agent, why, inputHash } = command;
  const undo = instance.step.step.undo ? true : undefined;
  turn.emitStep(instance, "step.started", { agent, why, inputHash, undo });
  const { attempts, epoch } = turn.run.instances.at(instance.index);
  turn.effect({ type: "execute", instance: instance.index, attempt: attempts, epoch });
  return undefined;
}

function refuse(turn: Turn, command: Extract<Command, { type: "refuse" }>): Refusal | undefined {
  const instance = find(turn.run, command.instance);
  if (!instance || awaitedBy(instance) !== "agent") return wrongState(turn.run, `give up ${pathOf(turn.run, command)}`);
  giveUp(turn, instance, command.failure);
  return undefined;
}

type AttemptCommand = Extract<Command, { token: Token }>;

/** Word from an attempt. Only the current one is heard (D3). */
function ofAttempt(turn: Turn, command: AttemptCommand): Refusal | undefined {
  const { token } = command;
  const instance = find(turn.run, token.instance);
  if (instance?.status !== "running" || instance.epoch !== token.epoch) return stale(turn.run, token);
  switch (command.type) {
    case "complete":
      turn.end(instance, "step.completed", { output: command.output });
      break;
    case "fail":
      attemptFailed(turn, instance, command.failure, command.final ?? false);
      break;
    case "stopped":
      turn.end(instance, "step.cancelled", command.abandoned ? { abandoned: true } : {});
      break;
    case "release":
      release(turn, instance, command.reason);
      break;
  }
  return undefined;
}

function release(turn: Turn, instance: Instance, reason: "lost" | "shutdown"): void {
  if (turn.isUnwanted(instance)) return turn.end(instance, "step.cancelled", {});
  turn.emitStep(instance, "step.released", { reason });
  const { recoveries, attempts } = turn.run.instances.at(instance.index);
  if (reason === "lost" && recoveries > turn.run.options.maxRecoveries) {
    const message = `given up after ${recoveries} attempts during which this process died (attempt ${attempts + 1})`;
    return giveUp(turn, turn.run.instances.at(instance.index), { kind: "agent_error", code: "POISON", message });
  }
  turn.ask(instance.index);
}

/** D5. Reads every instance, once per run and start of an engine. */
function recover(turn: Turn): undefined {
  if (turn.run.startedAt === undefined) return undefined;
  for (let index = 0; index < turn.run.instances.length; index++) {
    const instance = turn.run.instances.at(index);
    if (instance.status === "running") release(turn, instance, "lost");
    else turn.ask(index);
  }
  turn.revisit(-1);
  return undefined;
}

function answered(turn: Turn, command: Extract<Command, { type: "answer" }>): Refusal | undefined {
  const { instance: index, answer } = command;
  if (index === -1) return runOutput(turn, answer);
  const instance = find(turn.run, index);
  if (!instance || awaitedBy(instance) !== answer.role)
    return wrongState(turn.run, `take an answer for ${pathOf(turn.run, command)}`);
  if (answer.role === "onError") handlerAnswered(turn, instance, answer);
  else if ("failure" in answer) giveUp(turn, instance, answer.failure);
  else if (answer.role === "when") {
    if (answer.value) {
      turn.emitStep(instance, "step.evaluated", { role: "when" });
      turn.ask(index);
    } else turn.end(instance, "step.skipped", { reason: "not_taken" });
  } else if (answer.role === "by") openBranch(turn, instance, answer.branch);
  else turn.end(instance, "step.completed", { output: answer.output });
  return undefined;
}

function openBranch(turn: Turn, scope: Instance, branch: string): void {
  const graph = scope.step.branches?.get(branch);
  if (!graph) {
    const names = [...(scope.step.branches?.keys() ?? [])].join(", ");
    return giveUp(turn, scope, {
      kind: "validation_error",
      message: `chose ${JSON.stringify(branch)}; its branches are ${names}`,
    });
  }
  turn.emitStep(scope, "step.opened", { branch });
  const first = turn.run.instances.at(scope.index).opened?.first ?? 0;
  for (const root of graph.roots) turn.ask(first + root);
  turn.revisit(scope.index);
}

function runOutput(turn: Turn, answer: Answer): Refusal | undefined {
  if (turn.run.open > 0 || answer.role !== "output") return wrongState(turn.run, "take an output");
  if ("failure" in answer) turn.emit("run.failed", { error: answer.failure });
  else turn.emit("run.completed", { output: answer.output, ...(turn.run.error && { partial: true as const }) });
  turn.effect({ type: "ended" });
  return undefined;
}

function wrongState(run: Run, verb: string): Refusal {
  return { refused: "RUN_STATE", data: { run: run.id, status: statusOf(run), verb } };
}

function stale(run: Run, token: Token): Refusal {
  const { attempt, epoch } = token;
  const status = find(run, token.instance)?.status ?? "unknown";
  return { refused: "STALE_ATTEMPT", data: { run: run.id, path: pathOf(run, token), attempt, epoch, status } };
}

/** What a command names may be anything: a number from outside is looked up, never trusted. */
function find(run: Run, index: number): Instance | undefined {
  return index >= 0 && index < run.instances.length ? run.instances.at(index) : undefined;
}

function pathOf(run: Run, named: { readonly instance: number }): string {
  return find(run, named.instance)?.path ?? `#${named.instance}`;
}

/** Noted where it is not as it was. */
function codeIs(turn: Turn, { folder, modules }: RunSource): undefined {
  const before = turn.run.options.source ?? { folder, modules: {} };
  const changed = Object.entries(modules).filter(([path, { hash }]) => before.modules[path]?.hash !== hash);
  const moved = folder === before.folder ? {} : { folder };
  if (changed.length > 0 || folder !== before.folder)
    turn.emit("run.code_changed", { modules: Object.fromEntries(changed), ...moved });
}
