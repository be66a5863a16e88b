/**
 * The heart under random definitions and random commands, legal and not, at random times. What must hold after every
 * command is in claims.ts; here is what must hold of whole runs. fast-check prints the seed of whatever fails.
 */
import { verifies } from "../verifies.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, create } from "../../src/run/decide.ts";
import { fold } from "../../src/run/evolve.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { Play } from "../../src/testing/heart.ts";
import { Checked, throughJson } from "./claims.ts";
import { definitions } from "./definitions.ts";
import { commandOf, moves, serve, served } from "./moves.ts";
import type { Move } from "./moves.ts";

const RUNS = 150;
/** Shrinking stops there, too: the seed says the rest. */
const BOUNDED = { interruptAfterTimeLimit: 20_000 };
const options = { maxRecoveries: 2 };

function playedThrough(play: Play, script: readonly Move[]): Checked {
  const checked = new Checked(play);
  if (script.length % 5 !== 0) checked.post({ type: "admit" });
  for (const move of script) {
    const command = commandOf(play, move);
    if (command) checked.post(command);
  }
  return checked;
}

describe("whatever is asked of a run, in whatever order", () => {
  test(
    "its state is its history, its rows are its state, ends are final, nothing is forgotten",
    verifies("000-F006"),
    () => {
      fc.assert(
        fc.property(definitions, moves, (definition, script) => {
          const play = new Play(definition, options);
          playedThrough(play, script);
          expect(fold(play.run.id, throughJson(play.journal), play.pinned).seq).toBe(play.run.seq);
        }),
        { numRuns: RUNS, ...BOUNDED },
      );
    },
  );

  test("answering everything it asks for brings it to an end", () => {
    fc.assert(
      fc.property(
        definitions,
        moves,
        fc.array(served, { minLength: 5, maxLength: 5 }),
        (definition, script, answers) => {
          const play = new Play(definition, options);
          const checked = playedThrough(play, script);
          for (const type of ["admit", "unstrand", "resume"] as const) checked.post({ type });
          for (let round = 0; play.run.end === undefined; round++) {
            expect(round, `still ${JSON.stringify(play.statuses())}`).toBeLessThan(5_000);
            const [asked] = play.asked.values();
            if (!asked) throw new Error(`waits for nothing: ${JSON.stringify(play.statuses())}`);
            checked.post(serve(play, asked, answers[round % answers.length]!));
          }
        },
      ),
      { numRuns: RUNS, ...BOUNDED },
    );
  });

  test("the same commands at the same times give the same bytes", () => {
    fc.assert(
      fc.property(definitions, moves, (definition, script) => {
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
      }),
      { numRuns: 30, ...BOUNDED },
    );
  });
});
