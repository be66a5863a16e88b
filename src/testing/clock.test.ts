import { describe, expect, test } from "vitest";
import { sleep } from "../std/clock.ts";
import { simulatedClock } from "./clock.ts";

describe("a simulated clock", () => {
  test("stands still until it is moved, and begins when it is told to", async () => {
    const clock = simulatedClock({ startAt: 1_000 });
    let fired = false;
    clock.after(1, () => (fired = true));
    await clock.settle();
    expect([clock.now(), clock.uptime(), fired]).toEqual([1_000, 0, false]);
    await clock.advance(1);
    expect([clock.now(), clock.uptime(), fired]).toEqual([1_001, 1, true]);
  });

  test("fires timers by their time, then in the order they were set; what follows one comes before the next", async () => {
    const clock = simulatedClock();
    const order: string[] = [];
    const say = (what: string) => () => void order.push(`${what} ${clock.uptime()}`);
    clock.after(20, say("b"));
    clock.after(10, () => {
      say("a")();
      void Promise.resolve().then(say("promise"));
      clock.soon(say("soon"));
      clock.after(5, say("set on the way"));
    });
    clock.after(20, say("c"));
    clock.after(21, say("too late"));
    await clock.advance(20);
    expect(order).toEqual(["a 10", "promise 10", "soon 10", "set on the way 15", "b 20", "c 20"]);
    expect(clock.timers).toBe(1);
  });

  test("goes from timer to timer, as long as there are any", async () => {
    const clock = simulatedClock();
    clock.after(7, () => undefined);
    const disarm = clock.after(9, () => undefined);
    disarm();
    disarm();
    expect(clock.timers).toBe(1);
    expect([await clock.advanceToNext(), clock.uptime()]).toEqual([true, 7]);
    expect([await clock.advanceToNext(), clock.uptime()]).toEqual([false, 7]);
  });

  test("jumps by the wall and not by uptime", async () => {
    const clock = simulatedClock({ startAt: 0 });
    let fired = 0;
    clock.after(10, () => fired++);
    clock.jump(1_000_000);
    await clock.settle();
    expect([clock.now(), clock.uptime(), fired]).toEqual([1_000_000, 0, 0]);
    clock.jump(-2_000_000);
    await clock.advance(10);
    expect([clock.now(), clock.uptime(), fired]).toEqual([-999_990, 10, 1]);
  });
});

describe("running until", () => {
  test("a promise is settled takes as much time as that takes, and gives what it gives", async () => {
    const clock = simulatedClock();
    const slow = async (): Promise<string> => {
      for (let n = 0; n < 3; n++) await sleep(clock, 3_600_000);
      return "done";
    };
    expect(await clock.runUntil(slow())).toBe("done");
    expect(clock.uptime()).toBe(3 * 3_600_000);
    await expect(clock.runUntil(Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });

  test("a condition holds stops there", async () => {
    const clock = simulatedClock();
    let ticks = 0;
    const tick = (): void => {
      ticks++;
      clock.after(100, tick);
    };
    tick();
    await clock.runUntil(() => ticks === 5);
    expect(clock.uptime()).toBe(400);
    await expect(clock.runUntil(() => ticks === 50, { withinMs: 1_000 })).rejects.toThrow("not within");
  });

  test("nothing is left to wait for says so, and waits for the real world only a moment", async () => {
    const clock = simulatedClock();
    await expect(clock.runUntil(() => false)).rejects.toThrow("nothing is left to happen, and the condition");
    const real = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve("a file was read"))));
    expect(await clock.runUntil(real)).toBe("a file was read");
  });

  test("what turns for ever without any time passing is told, not waited for", async () => {
    const clock = simulatedClock();
    const again = (): void => clock.soon(again);
    again();
    await expect(clock.settle()).rejects.toThrow("something turns for ever");
  });
});
