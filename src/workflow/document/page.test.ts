/** docs/documents.md: every YAML in it is a document, or a part of one, and it speaks of every key. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readPage } from "../../../test/house/markdown.ts";
import { isRecord } from "../check.ts";
import { documentSchema } from "./grammar.ts";
import { readDocument } from "./read.ts";

const text = readFileSync(new URL("../../../docs/documents.md", import.meta.url), "utf8");
const snippets = readPage("docs/documents.md", text).snippets.filter(({ info }) => info.startsWith("yaml"));

const HEAD = 'tutti: "1"\nid: example\nversion: "1"\n';
const WRAPPED: Readonly<Record<string, (part: string) => string>> = {
  yaml: (whole) => whole,
  "yaml steps": (steps) => `${HEAD}steps:\n${steps.replaceAll(/^(?=.)/gm, "  ")}`,
  "yaml members": (members) => `${HEAD}steps: { a: { type: t } }\n${members}`,
};

describe("the page of documents", () => {
  test.each(snippets.map(({ line, info, text: part }) => [line, info, part] as const))(
    "holds a document at line %i",
    async (_, info, part) => {
      const { problems } = await readDocument(WRAPPED[info]?.(part) ?? "", { format: "yaml" });
      expect(problems).toEqual([]);
    },
  );

  test("speaks of every key there is", () => {
    const keys = new Set<string>();
    const gather = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      if (isRecord(value) && isRecord(value["properties"]))
        for (const key of Object.keys(value["properties"])) keys.add(key);
      for (const item of Object.values(value)) gather(item);
    };
    gather(documentSchema());
    const spoken = new Set(text.match(/\$?\w+/g));
    expect([...keys].filter((key) => !spoken.has(key))).toEqual([]);
    expect(keys.size).toBeGreaterThan(40);
  });
});
