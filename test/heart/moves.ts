/** Random commands: fitting answers to what a run waits for, and everything that does not fit. */
import fc from "fast-check";
import { ERROR_KINDS } from "../../src/errors.ts";
import type { Failure } from "../../src/errors.ts";
import type { Answer, Command, Evaluation, Token } from "../../src/run/commands.ts";
import { failureOf, refOf } from "../../src/testing/heart.ts";
import type { Asked, Play } from "../../src/testing/heart.ts";
import type { HandlerChoice } from "../../src/workflow/definition.ts";

/** `pick` chooses among what there is when the move is made. */
export type Move =
  | { readonly type: "serve"; readonly pick: number; readonly answer: Served }
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "command"; readonly command: Command }
  | { readonly type: "stray"; readonly pick: number; readonly stray: Stray }
  | { readonly type: "again"; readonly pick: number };

/** How whatever is picked is answered, whichever it turns out to be. */
interface Served {
  readonly failure: Failure | undefined;
  readonly yes: boolean;
  readonly branch: number;
  readonly choice: HandlerChoice;
  readonly attempt: "complete" | "fail" | "final" | "stopped" | "abandoned" | "lost" | "shutdown";
}

interface Stray {
  readonly type: "lease" | "refuse" | "complete" | "fail" | "stopped" | "release" | Evaluation;
  readonly epoch: number;
  readonly yes: boolean;
}

/** Every tenth is critical; a few ask for a wait. */
const failure = fc
  .record({ kind: fc.constantFrom(...ERROR_KINDS), wait: fc.nat({ max: 20 }) })
  .map(({ kind, wait }) => failureOf(kind, wait < 3 ? { retryAfterMs: wait * 50_000 } : {}));

export const served: fc.Arbitrary<Served> = fc.record({
  failure: fc.option(failure, { nil: undefined, freq: 1 }),
  yes: fc.nat({ max: 3 }).map((n) => n > 0),
  branch: fc.nat({ max: 5 }),
  choice: fc.oneof(
    fc.constantFrom<HandlerChoice>("retry", "skip", "fail"),
    fc.constantFrom("a", "b").map((id): HandlerChoice => ({ fallback: { id } })),
  ),
  attempt: fc.oneof(
    { weight: 5, arbitrary: fc.constant("complete" as const) },
    { weight: 4, arbitrary: fc.constantFrom("fail" as const, "final" as const) },
    { weight: 2, arbitrary: fc.constantFrom("stopped" as const, "abandoned" as const) },
    { weight: 1, arbitrary: fc.constantFrom("lost" as const, "shutdown" as const) },
  ),
});

const stray: fc.Arbitrary<Stray> = fc.record({
  type: fc.constantFrom("lease", "refuse", "complete", "fail", "stopped", "release", "when", "by", "onError", "output"),
  epoch: fc.integer({ min: -1, max: 1 }),
  yes: fc.boolean(),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Command>({ type: "admit" }, { type: "recover" }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Command>(
      { type: "pause", actor: { type: "person", id: "ada" }, cause: "cmd_1" },
      { type: "resume" },
      { type: "strand", missing: ["x.run"] },
      { type: "unstrand" },
      { type: "variables", variables: refOf({ a: 1 }) },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Command>(
      { type: "cancel", reason: "enough" },
      { type: "cancel" },
      { type: "kill", reason: "now" },
      { type: "expire" },
    ),
  },
);

const pick = fc.nat({ max: 1_000 });

export const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: fc.record({ type: fc.constant("serve" as const), pick, answer: served }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.nat({ max: 5_000 }) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("command" as const), command }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant("stray" as const), pick, stray }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("again" as const), pick }) },
  ),
  { maxLength: 90, size: "max" },
);

/** The command a move means in this run, if it means one. */
export function commandOf(play: Play, move: Move): Command | undefined {
  switch (move.type) {
    case "wait":
      play.now += move.ms;
      return undefined;
    case "command":
      return move.command;
    case "again":
      return play.commands[move.pick % Math.max(1, play.commands.length)]?.command;
    case "serve": {
      const asked = [...play.asked.values()];
      const one = asked[move.pick % Math.max(1, asked.length)];
      return one && serve(play, one, move.answer);
    }
    case "stray":
      return strayOf(play, move.pick, move.stray);
  }
}

/** The answer that something asked for was waiting for; a retry is waited for first. */
export function serve(play: Play, asked: Asked, how: Served): Command {
  const { instance: index } = asked;
  if (asked.type === "evaluate") return { type: "answer", instance: index, answer: answerOf(play, asked, how) };
  const instance = play.run.instances.at(index);
  if (asked.type === "offer") {
    play.now = Math.max(play.now, instance.retryAt ?? 0);
    if (how.attempt === "final")
      return { type: "refuse", instance: index, failure: how.failure ?? failureOf("timeout") };
    return { type: "lease", instance: index, agent: "a", why: "the only one", inputHash: "i" };
  }
  const token = { instance: index, attempt: instance.attempts, epoch: instance.epoch };
  return ofAttempt(how, token);
}

function ofAttempt(how: Served, token: Token): Command {
  const failed = how.failure ?? failureOf("agent_error");
  switch (how.attempt) {
    case "complete":
      return { type: "complete", token, output: refOf(token.instance) };
    case "fail":
      return { type: "fail", token, failure: failed };
    case "final":
      return { type: "fail", token, failure: failed, final: true };
    case "stopped":
      return { type: "stopped", token };
    case "abandoned":
      return { type: "stopped", token, abandoned: true };
    case "lost":
    case "shutdown":
      return { type: "release", token, reason: how.attempt };
  }
}

function answerOf(play: Play, { instance, role }: Extract<Asked, { type: "evaluate" }>, how: Served): Answer {
  // Most evaluations answer: the failures of one in four are enough.
  if (how.failure && !how.yes) return { role, failure: how.failure };
  switch (role) {
    case "when":
      return { role, value: how.yes };
    case "by": {
      const names = [...(play.run.instances.at(instance).step.branches?.keys() ?? []), "nowhere"];
      return { role, branch: names[how.branch % names.length] ?? "nowhere" };
    }
    case "onError":
      return { role, choice: how.choice };
    case "output":
      return { role, output: refOf("out") };
  }
}

function strayOf({ run }: Play, pick: number, { type, epoch, yes }: Stray): Command {
  // Two numbers more than there are: one below all, one above.
  const index = (pick % (run.instances.length + 2)) - 1;
  const instance = index < 0 || index >= run.instances.length ? undefined : run.instances.at(index);
  const token = { instance: index, attempt: instance?.attempts ?? 1, epoch: (instance?.epoch ?? 0) + epoch };
  switch (type) {
    case "lease":
      return { type, instance: index };
    case "refuse":
      return { type, instance: index, failure: failureOf("timeout") };
    case "complete":
      return { type, token, output: refOf("stray") };
    case "fail":
      return { type, token, failure: failureOf("timeout") };
    case "stopped":
      return { type, token };
    case "release":
      return { type, token, reason: "lost" };
    case "when":
      return { type: "answer", instance: index, answer: { role: type, value: yes } };
    case "by":
      return { type: "answer", instance: index, answer: { role: type, branch: yes ? "b0" : "nowhere" } };
    case "onError":
      return { type: "answer", instance: index, answer: { role: type, choice: yes ? "retry" : "skip" } };
    case "output":
      return { type: "answer", instance: index, answer: { role: type, output: refOf("stray") } };
  }
}
