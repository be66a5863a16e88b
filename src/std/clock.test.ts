import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sleep, systemClock } from "./clock.ts";

const DAY = 24 * 3_600_000;

describe("the system clock", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
  afterEach(() => void vi.useRealTimers());

  test("tells the wall clock, and an uptime that does not jump with it", () => {
    const before = systemClock.uptime();
    expect(systemClock.now()).toBe(1_000);
    vi.setSystemTime(9_000_000);
    expect(systemClock.now()).toBe(9_000_000);
    expect(systemClock.uptime()).toBe(before);
  });

  test("calls once, when it is due", () => {
    let calls = 0;
    systemClock.after(500, () => calls++);
    vi.advanceTimersByTime(499);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(calls).toBe(1);
  });

  test("a wait of 60 days is split, never cut short", () => {
    let calls = 0;
    systemClock.after(60 * DAY, () => calls++);
    vi.advanceTimersByTime(60 * DAY - 1);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(1);
    expect(calls).toBe(1);
  });

  test("takes back what is not due yet, also in the second part of a long wait; afterwards it is harmless", () => {
    let calls = 0;
    const soon = systemClock.after(10, () => calls++);
    soon();
    const long = systemClock.after(60 * DAY, () => calls++);
    vi.advanceTimersByTime(30 * DAY);
    long();
    vi.advanceTimersByTime(60 * DAY);
    expect(calls).toBe(0);
    long();
  });

  test("soon is the next turn, not this one", () => {
    let calls = 0;
    systemClock.soon(() => calls++);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(0);
    vi.runAllTicks();
    vi.advanceTimersToNextTimer();
    expect(calls).toBe(1);
  });
});

describe("sleep", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("ends when it is over, and leaves no listener behind", async () => {
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, "removeEventListener");
    const slept = sleep(systemClock, 100, controller.signal);
    vi.advanceTimersByTime(100);
    await slept;
    expect(removed).toHaveBeenCalledOnce();
  });

  test("rejects with the signal's reason when it aborts first, and leaves no timer behind", async () => {
    const controller = new AbortController();
    const slept = sleep(systemClock, 100, controller.signal);
    controller.abort(new Error("stop"));
    await expect(slept).rejects.toThrow("stop");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects at once when it has aborted already", async () => {
    await expect(sleep(systemClock, 100, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
    expect(vi.getTimerCount()).toBe(0);
  });
});
