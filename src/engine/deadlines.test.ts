import { describe, expect, test } from "vitest";
import { simulatedClock } from "../testing/clock.ts";
import { Deadlines } from "./deadlines.ts";

function make() {
  const clock = simulatedClock();
  const due: [string, number][] = [];
  const deadlines = new Deadlines<string>(clock, (item) => due.push([item, clock.uptime()]));
  return { clock, due, deadlines };
}

describe("deadlines", () => {
  test("fall due each at its time, whatever the order they were armed in", async () => {
    const { clock, due, deadlines } = make();
    deadlines.arm("late", 300);
    deadlines.arm("soon", 100);
    await clock.advance(50);
    deadlines.arm("sooner still", 10);
    deadlines.arm("with soon", 50);
    await clock.advance(1_000);
    expect(due).toEqual([
      ["sooner still", 60],
      ["soon", 100],
      ["with soon", 100],
      ["late", 300],
    ]);
  });

  test("that are taken back never fall due, and may be armed again", async () => {
    const { clock, due, deadlines } = make();
    for (const item of ["a", "b", "c"]) deadlines.arm(item, 100);
    deadlines.disarm("b");
    deadlines.disarm("never armed");
    await clock.advance(50);
    deadlines.disarm("c");
    deadlines.arm("c", 100);
    await clock.advance(1_000);
    expect(due).toEqual([
      ["a", 100],
      ["c", 150],
    ]);
  });

  test("of any number of durations take one timer, and none when they are closed", async () => {
    const { clock, due, deadlines } = make();
    for (let ms = 1; ms <= 100; ms++) deadlines.arm(`${ms}`, ms);
    expect(clock.timers).toBe(1);
    for (let ms = 1; ms <= 100; ms += 2) deadlines.disarm(`${ms}`);
    await clock.advance(50);
    expect(due.map(([item]) => item)).toEqual(Array.from({ length: 25 }, (_, n) => `${2 * n + 2}`));
    expect(clock.timers).toBe(1);
    deadlines.close();
    expect(clock.timers).toBe(0);
  });

  test("take no notice of the wall clock", async () => {
    const { clock, due, deadlines } = make();
    deadlines.arm("a", 100);
    clock.jump(-1_000_000);
    await clock.advance(99);
    clock.jump(2_000_000);
    expect(due).toEqual([]);
    await clock.advance(1);
    expect(due).toEqual([["a", 100]]);
  });

  test("of a process that was held up fall due when it has heard what came meanwhile, at the latest soon", async () => {
    const simulated = simulatedClock();
    let heldUpMs = 0;
    const due: string[] = [];
    const { now, after, soon } = simulated;
    const clock = { now, after, soon, uptime: () => simulated.uptime() + heldUpMs };
    const deadlines = new Deadlines<string>(clock, (item) => due.push(item));
    deadlines.arm("over, and heard a little later", 100);
    deadlines.arm("not over", 100);
    heldUpMs = 500;
    await simulated.advance(100);
    deadlines.disarm("over, and heard a little later");
    expect(due).toEqual([]);
    await simulated.advance(100);
    expect(due).toEqual(["not over"]);
    // Always held up: sooner or later it falls due all the same.
    deadlines.arm("never over", 100);
    for (let n = 0; n < 10; n++) {
      heldUpMs += 500;
      await simulated.advance(100);
    }
    expect(due).toEqual(["not over", "never over"]);
  });
});
