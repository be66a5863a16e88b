import { describe, expect, test } from "vitest";
import type { TuttiEvent } from "../../facets/event.ts";
import { iso } from "../../facets/view.ts";
import type { Progress } from "../../run/progress.ts";
import { simulatedClock } from "../../testing/clock.ts";
import type { DisplayOptions } from "./display.ts";
import { Display } from "./display.ts";
import { lookOf } from "./look.ts";

type Happened = Partial<TuttiEvent> & Pick<TuttiEvent, "type">;

/** A display on a terminal that keeps what it is sent, and on a clock that is moved by hand. */
function open(mode: DisplayOptions["mode"], columns = 60) {
  const clock = simulatedClock();
  const written: { readonly at: number; readonly text: string }[] = [];
  const sink = {
    isTerminal: mode === "live",
    columns,
    rows: 24,
    closed: false,
    write: (text: string) => void written.push({ at: clock.uptime(), text }),
    flush: () => Promise.resolve(undefined),
  };
  const look = lookOf({ LANG: "C" }, false);
  const display = new Display({ sink, look, clock, mode, concludes: true });
  let seq = 0;
  const event = (happened: Happened, at = clock.now()): void =>
    display.event({ runId: "r", seq: ++seq, at: iso(at), ...happened });
  const text = (): string => written.map((one) => one.text).join("");
  return { clock, display, event, written, text };
}

const progress = (ended: number, running: readonly string[]): Progress => ({
  status: "running",
  ratio: ended / 10,
  total: 10,
  ended,
  completed: ended,
  failed: 0,
  skipped: 0,
  cancelled: 0,
  running: running.length,
  currentSteps: running.map((path) => ({ path, ratio: 0.5, note: "reading\u001b" })),
  phases: [],
  etaMs: 27_000,
});

/** What a terminal shows after such output: lines, cursor up, clear to the end. */
function screen(output: string): string[] {
  const lines: string[] = [""];
  for (const part of output.replaceAll("\u001b", "␛").split(/(␛\[\d+A\r␛\[J)/)) {
    const up = /^␛\[(\d+)A/.exec(part);
    if (up) lines.splice(lines.length - 1 - Number(up[1]), Number(up[1]) + 1, "");
    else {
      const [first = "", ...more] = part.split("\n");
      lines.push((lines.pop() ?? "") + first, ...more);
    }
  }
  return lines.slice(0, -1);
}

describe("at a terminal", () => {
  test("a block of header and active steps is redrawn; what has ended stands above it", async () => {
    const { clock, display, event, text } = open("live");
    event({ type: "run.started" });
    event({ type: "step.started", path: "fetch", attempt: 1, agent: "pricer" });
    event({ type: "step.started", path: "other", attempt: 2 });
    display.progress("r", progress(6, ["fetch", "other"]));
    await clock.advance(41_000);
    expect(screen(text())).toEqual([
      "[############--------] 6/10 60% 00:41 eta 00:27",
      expect.stringMatching(String.raw`^  [|/\\-] fetch  running  00:4[01]  pricer  50%  reading\\u001b$`),
      expect.stringMatching(String.raw`^  [|/\\-] other  running, attempt 2  00:4[01]  50%`),
    ]);
    event({ type: "step.completed", path: "fetch", attempt: 1 });
    display.progress("r", progress(7, ["other"]));
    await clock.advance(100);
    expect(screen(text())[0]).toBe("+ completed  fetch  41.0 s");
    expect(screen(text())).toHaveLength(3);
    display.close();
    expect(screen(text())).toEqual(["+ completed  fetch  41.0 s"]);
  });

  test("it is drawn at most ten times a second however much happens, and no line is wider than it", async () => {
    const { clock, display, event, written, text } = open("live", 30);
    display.progress("r", progress(1, []));
    for (let i = 0; i < 1_000; i++) {
      event({ type: "step.started", path: `a-rather-long-name-of-a-step-${i}`, attempt: 1 });
      await clock.advance(1);
    }
    expect(written.length).toBeLessThanOrEqual(10);
    expect(written.length).toBeGreaterThan(5);
    for (const line of screen(text())) expect(line.length).toBeLessThan(30);
    expect(screen(text()).at(-1)).toMatch(/^ {2}and \d+ more$/);
    display.close();
  });

  test("what code of users prints stands above the block, whole and at once", async () => {
    const { clock, display, text } = open("live");
    display.progress("r", progress(1, []));
    await clock.advance(100);
    display.print("printed without an end");
    expect(screen(text())).toEqual(["printed without an end"]);
    await clock.advance(100);
    expect(screen(text())).toEqual(["printed without an end", expect.stringContaining("1/10 10%")]);
    display.close();
  });

  test("what happened before somebody looked is not told as news", async () => {
    const { clock, display, event, text } = open("live");
    event({ type: "step.started", path: "old", attempt: 1 }, clock.now() - 5_000);
    event({ type: "step.completed", path: "old", attempt: 1 }, clock.now() - 1_000);
    event({ type: "step.started", path: "long", attempt: 1 }, clock.now() - 1_000);
    display.progress("r", progress(1, ["long"]));
    await clock.advance(100);
    expect(screen(text())).toHaveLength(2);
    expect(text()).toContain("long  running  00:01");
    display.close();
  });
});

describe("elsewhere", () => {
  test("one plain line per change, with its time; no cursor codes", async () => {
    const { clock, display, event, text } = open("lines");
    const at = iso(clock.now());
    event({ type: "run.started" });
    event({ type: "step.started", path: "fetch", attempt: 1, agent: "pricer" });
    event({ type: "step.retrying", path: "fetch", attempt: 1, error: { kind: "timeout", message: "slow\nline" } });
    event({ type: "step.skipped", path: "b", reason: "not_taken" });
    event({ type: "run.stranded", missing: ["./a.mjs#x"] });
    expect(text().split("\n")).toEqual([
      `${at}  r running`,
      `${at}  fetch running (agent pricer)`,
      `${at}  fetch retrying (timeout: slow\\u000aline)`,
      `${at}  b skipped (not_taken)`,
      `${at}  r stranded (missing: ./a.mjs#x)`,
      "",
    ]);
    display.close();
    expect(text()).not.toContain("\u001b");
  });

  test("a word every 30 s of silence, with how far it is", async () => {
    const { clock, display, event, written } = open("lines");
    event({ type: "step.started", path: "long", attempt: 1 });
    display.progress("r", progress(6, ["long"]));
    await clock.advance(29_000);
    expect(written).toHaveLength(1);
    await clock.advance(1_000);
    expect(written).toHaveLength(2);
    expect(written[1]?.text).toContain("r running [############--------] 6/10 60% eta 00:27 long");
    await clock.advance(60_000);
    expect(written).toHaveLength(4);
    display.close();
    await clock.advance(60_000);
    expect(written).toHaveLength(4);
  });

  test("nothing at all when it is to be quiet, but what users print", async () => {
    const { clock, display, event, text } = open("none");
    event({ type: "step.started", path: "a", attempt: 1 });
    display.note("a note");
    display.print("printed\n");
    await clock.advance(120_000);
    expect(text()).toBe("printed\n");
    display.close();
  });
});
