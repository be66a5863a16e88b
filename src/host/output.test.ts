import { describe, expect, test } from "vitest";
import { CappedOutput, LineOutput, LINE_CHARACTERS } from "./output.ts";

describe("output under a limit", () => {
  test("is kept as it came, up to the limit and including it", () => {
    const output = new CappedOutput(4);
    expect([output.add(Buffer.from("ab")), output.add(Buffer.from("cd"))]).toEqual([true, true]);
    expect([output.bytes().toString(), output.overflow]).toEqual(["abcd", false]);
  });

  test("one byte more and nothing is kept", () => {
    const output = new CappedOutput(4);
    output.add(Buffer.from("abcd"));
    expect(output.add(Buffer.from("e"))).toBe(false);
    expect([output.bytes().length, output.overflow]).toEqual([0, true]);
  });
});

describe("output by lines", () => {
  const linesOf = (limit: number, ...chunks: readonly (string | Buffer)[]) => {
    const lines: string[] = [];
    const output = new LineOutput(limit, (line) => lines.push(line));
    const within = chunks.map((chunk) => output.add(Buffer.from(chunk)));
    return { lines, within, tail: output.end() };
  };

  test.each([
    ["lines over several chunks", ["on", "e\ntw", "o\n"], ["one", "two"]],
    ["a last line without an end", ["one\ntwo"], ["one", "two"]],
    ["carriage returns and empty lines", ["one\r\n\r\n\ntwo\r\n"], ["one", "two"]],
    ["a character over two chunks", [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ["é"]],
    ["nothing", [], []],
  ])("%s", (_what, chunks, lines) => {
    expect(linesOf(1_000, ...chunks).lines).toEqual(lines);
  });

  test("a long line loses its end, whether it comes at once or in parts", () => {
    const long = "x".repeat(LINE_CHARACTERS + 1);
    for (const chunks of [[`${long}\nnext\n`], [long, `${long}\nnext\n`]])
      expect(linesOf(1_000_000, ...chunks).lines).toEqual([long.slice(1), "next"]);
  });

  test("past the limit lines are no longer passed on, once it is said, and the last part is still kept", () => {
    const { lines, within, tail } = linesOf(5, "one\n", "two\n", "three\n", "four");
    expect(lines).toEqual(["one", "two", "… more was printed; it is not kept"]);
    expect(within).toEqual([true, false, false, false]);
    expect(tail).toBe("one\ntwo\nthree\nfour");
  });

  test("the last part is bounded", () => {
    expect(linesOf(5, "a".repeat(LINE_CHARACTERS), "b").tail).toBe(`${"a".repeat(LINE_CHARACTERS - 1)}b`);
  });
});
