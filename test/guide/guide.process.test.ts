/** The guide is executed: what its pages say to type is typed, and must print what they say it prints. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { ROOT, filesIn, readText } from "../house/source.ts";
import { play } from "./page.ts";

const work = mkdtempSync(join(tmpdir(), "tutti-guide-"));
const bin = join(work, "node_modules/.bin");
const { VITEST: _, NODE_OPTIONS: __, ...rest } = process.env;
const env = { ...rest, CI: "true", NO_COLOR: "1", LC_ALL: "C.UTF-8", PATH: [bin, process.env["PATH"]].join(delimiter) };

/** Tutti installed, as a reader has it. */
beforeAll(async () => {
  await builtPackage();
  mkdirSync(bin, { recursive: true });
  symlinkSync(ROOT, join(work, "node_modules/tutti"));
  symlinkSync(join(ROOT, "dist/cli/main.js"), join(bin, "tutti"));
  symlinkSync(join(ROOT, "node_modules/.bin/tsx"), join(bin, "tsx"));
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function played(name: string, text: string): readonly string[] {
  const folder = join(work, name);
  mkdirSync(folder);
  symlinkSync(join(work, "node_modules"), join(folder, "node_modules"));
  return play(`docs/guide/${name}`, text, folder, env);
}

describe("the guide", () => {
  const pages = filesIn("docs/guide");

  test("has its pages", () => expect(pages.length).toBeGreaterThanOrEqual(4));

  test.each(pages)("%s does what it says", { timeout: 60_000 }, (path) => {
    expect(played(path.slice("docs/guide/".length), readText(path))).toEqual([]);
  });

  test("a command that prints something else is told with its page and line", () => {
    const text =
      "# A page\n\n```txt file=a.txt\none\n```\n\n```console\n$ cat a.txt\none\n$ (exit 3)\n$ echo $?\n4\n```\n";
    expect(played("wrong.md", text)).toEqual([
      expect.stringMatching(/^docs\/guide\/wrong.md:11 \$ echo \$\?\n[^]*\n3\n/),
    ]);
  });
});
