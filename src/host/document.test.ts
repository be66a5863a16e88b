import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { TuttiError } from "../errors.ts";
import { loadWorkflow } from "./document.ts";

const folder = mkdtempSync(join(tmpdir(), "tutti-document-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function refusalOf(path: string): Promise<TuttiError> {
  const thrown: unknown = await loadWorkflow(path).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(TuttiError);
  return thrown as TuttiError;
}

const STEPS = 'steps: { a: { uses: "./none.mjs#a" } }';

describe("a workflow in a file", () => {
  test("is its definition and the folder that its paths begin at; what it names is not loaded", async () => {
    const yaml = file("a.yaml", `\uFEFFtutti: "1"\nid: a\nversion: "1"\n${STEPS}\n`);
    const json = file("a.json", '{"tutti":"1","id":"a","version":"1","steps":{"a":{"uses":"./none.mjs#a"}}}');
    const { definition, ...where } = await loadWorkflow(yaml);
    expect(where).toEqual({ file: yaml, folder });
    expect(definition.steps["a"]).toEqual({ kind: "task", run: { uses: "./none.mjs#a" } });
    expect((await loadWorkflow(json)).definition).toEqual(definition);
  });

  test("that is wrong is refused with all problems, each with its place", async () => {
    const path = file("b.yml", `tutti: "1"\nid: b\nversoin: "1"\nsteps:\n  a: { uses: "./x.mjs#a", timeout: soon }\n`);
    const refusal = await refusalOf(path);
    expect(refusal.code).toBe("DEFINITION_INVALID");
    expect(refusal.message.split("\n").slice(1)).toEqual([
      `  ${path}:1:1  $.version: expected version, which is missing`,
      `  ${path}:3:1  $.versoin: no such key. Did you mean version?`,
      `  ${path}:5:27  $.steps.a.timeout: expected a duration such as 500ms, 5m or 1h, not "soon"`,
    ]);
    expect(refusal.data["list"]).toContainEqual({
      path: "$.versoin",
      message: "no such key. Did you mean version?",
      suggestion: "version",
      line: 3,
      column: 1,
    });
  });

  test("of 10 MB of YAML is refused unread, naming JSON", async () => {
    const path = file("large.yaml", `a: "${"x".repeat(10 * 1024 * 1024)}"`);
    const { message } = await refusalOf(path);
    expect(message).toContain(
      `${path}  $: expected at most 4 MB of YAML, not 10 MB: write it as JSON, which may have 64 MB`,
    );
  });

  test.each([
    ["that is not there", () => join(folder, "none.yaml"), "there is none"],
    ["that is a folder", () => mkdtempSync(join(folder, "folder-")).concat("/..yaml"), "there is none"],
    ["of another kind", () => file("a.toml", ""), "its name must end with .yaml, .yml or .json"],
    ["that is not text", () => file("bytes.yaml", new Uint8Array([0xff, 0xfe, 0x00])), "it is not UTF-8"],
  ])("one %s cannot be read", async (_, path, problem) => {
    const refusal = await refusalOf(path());
    expect(refusal.code).toBe("FILE_UNREADABLE");
    expect(refusal.message).toContain(problem);
  });
});
