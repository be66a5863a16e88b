/** What must hold of whole runs, as fast-check properties; what must hold after every command is in claims.ts. */
import fc from "fast-check";
import { expect } from "vitest";
import { create, decide } from "../../src/run/decide.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { fold } from "../../src/run/evolve.ts";
import { Play } from "../../src/testing/heart.ts";
import { Checked, throughJson } from "./claims.ts";
import { definitions } from "./definitions.ts";
import { commandOf, moves, serve, served } from "./moves.ts";
import type { Move } from "./moves.ts";

const options = { maxRecoveries: 2 };

/** What breaks it, with the seed that finds it again; `undefined` when nothing did. Stops shrinking after 20 s. */
export function counterexample<T>(property: fc.IRawProperty<T, false>, numRuns: number): string | undefined {
  const plugins = [fc.interruptAfterTimeLimit(20_000)];
  return fc.defaultReportMessage(fc.check(property, { numRuns, plugins, includeErrorInReport: true }));
}

function playedThrough(play: Play, script: readonly Move[]): Checked {
  const checked = new Checked(play);
  if (script.length % 5 !== 0) checked.post({ type: "admit" });
  for (const move of script) {
    const command = commandOf(play, move);
    if (command) checked.post(command);
  }
  return checked;
}

export const keepsItsHistory = fc.property(definitions, moves, (definition, script) => {
  const play = new Play(definition, options);
  playedThrough(play, script);
  expect(fold(play.run.id, throughJson(play.journal), play.pinned).seq).toBe(play.run.seq);
});

const answersOf = fc.array(served, { minLength: 5, maxLength: 5 });

export const comesToAnEnd = fc.property(definitions, moves, answersOf, (definition, script, answers) => {
  const play = new Play(definition, options);
  const checked = playedThrough(play, script);
  for (const type of ["admit", "unstrand", "resume"] as const) checked.post({ type });
  for (let round = 0; play.run.end === undefined; round++) {
    expect(round, `still ${JSON.stringify(play.statuses())}`).toBeLessThan(5_000);
    const [asked] = play.asked.values();
    const answer = answers[round % answers.length];
    if (!asked || !answer) throw new Error(`waits for nothing: ${JSON.stringify(play.statuses())}`);
    checked.post(serve(play, asked, answer));
  }
});

export const isTheSameAgain = fc.property(definitions, moves, (definition, script) => {
  const play = new Play(definition, options);
  playedThrough(play, script);
  const first = create(play.start, play.pinned, 1_000);
  let { run } = first;
  const events: RunEvent[] = [...first.events];
  for (const { command, at } of play.commands) {
    const answer = decide(run, command, at);
    if ("refused" in answer) continue;
    run = answer.run;
    events.push(...answer.events);
  }
  expect(JSON.stringify(events)).toBe(JSON.stringify(play.journal));
});
