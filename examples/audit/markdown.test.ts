import { expect, test } from "vitest";
import { code, plain, table } from "./markdown.ts";

test("a name full of markup stays a name", () => {
  expect(plain("a|b *c* <img> [x](y)\n# no")).toBe("a\\|b \\*c\\* \\<img\\> \\[x\\](y)\\\\u000a\\# no");
});

test("a code span holds back-ticks, bars and marks that turn the writing direction", () => {
  expect(code("src/a.ts")).toBe("`src/a.ts`");
  expect(code("a``b|c")).toBe("```a``b\\|c```");
  expect(code("`x")).toBe("`` `x ``");
  expect(code("exe\u202egnp.ts\t")).toBe("`exe\\u202egnp.ts\\u0009`");
});

test("a table has as many columns as its head, numbers to the right", () => {
  expect(table(["file", "lines:"], [["a", "1"]])).toBe("| file | lines |\n| --- | ---: |\n| a | 1 |");
});
