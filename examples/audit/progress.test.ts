import { expect, test } from "vitest";
import { block, Display, span, type StepState } from "./progress.ts";

function step(id: string, status: string, times: Partial<StepState> = {}): StepState {
  return { id, status, agent: undefined, startedAt: undefined, endedAt: undefined, note: undefined, ...times };
}

const before = [step("history", "running", { startedAt: 0, note: "12 commits read" }), step("tests", "pending")];
const after = [
  step("history", "completed", { startedAt: 0, endedAt: 1_800 }),
  step("tests", "running", { startedAt: 1_800 }),
];

function screen(live: boolean): {
  written: string;
  readonly live: boolean;
  colour: boolean;
  columns: number;
  write(text: string): void;
} {
  return {
    written: "",
    live,
    colour: false,
    columns: 80,
    write(text) {
      this.written += text;
    },
  };
}

test("the block tells how far the run is, and each step by word", () => {
  expect(block(before, 1_200, { colour: false, columns: 80 })).toEqual([
    "[--] 0/2 steps",
    "  running    history   1.2 s  12 commits read",
    "  pending    tests",
  ]);
  expect(block(after, 1_850, { colour: false, columns: 80 })[0]).toBe("[#-] 1/2 steps");
});

test("colour is on the status only, and lines are cut to the terminal", () => {
  expect(block(after, 1_850, { colour: true, columns: 26 })[1]).toBe("  \u001b[32mcompleted\u001b[0m  history   1.");
});

test("on a terminal the block is drawn over the one before", () => {
  const terminal = screen(true);
  const display = new Display(terminal);
  display.update(before, 0);
  terminal.written = "";
  display.update(after, 1_850);
  expect(terminal.written).toContain("\u001b[3A\u001b[2K[#-] 1/2 steps\n");
});

test("elsewhere each change is a line, said once, without cursor codes", () => {
  const pipe = screen(false);
  const display = new Display(pipe);
  display.update(before, 0);
  display.update(before, 1_000);
  display.update(after, 1_850);
  expect(pipe.written).toBe(
    "1970-01-01T00:00:00.000Z history running\n" +
      "1970-01-01T00:00:01.850Z history completed 1.8 s\n" +
      "1970-01-01T00:00:01.850Z tests running\n",
  );
});

test.each([
  [4, "4 ms"],
  [999, "999 ms"],
  [1_849, "1.8 s"],
  [74_900, "75 s"],
])("%i ms are %s", (ms, shown) => {
  expect(span(ms)).toBe(shown);
});
