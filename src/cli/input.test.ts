import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { TuttiError } from "../errors.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import { readInput } from "./input.ts";
import { UsageError } from "./usage.ts";

const folder = mkdtempSync(join(tmpdir(), "tutti-input-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "order.json"), '{"sku":"A1","options":{"express":false}}');
writeFileSync(join(folder, "list.json"), "[1,2]");
writeFileSync(join(folder, "broken.json"), '{"sku":');
writeFileSync(join(folder, "empty.json"), "");
writeFileSync(join(folder, "marked.json"), '\ufeff{"a":"é"}');
const latin = Buffer.from('{"a":"é"}', "latin1");
writeFileSync(join(folder, "latin.json"), latin);

const flow: WorkflowDefinition = { tutti: "1", id: "flow", version: "1", steps: {} };
const read = (
  given: readonly string[],
  { stdin = "", definition = flow }: { stdin?: string | Uint8Array; definition?: WorkflowDefinition } = {},
) => readInput(given, definition, { cwd: folder, stdin: { read: () => Promise.resolve(Buffer.from(stdin)) } });

describe("an input is made of", () => {
  test.each([
    [["n=7"], { n: 7 }],
    [["n=7.5", "t=true", "z=null"], { n: 7.5, t: true, z: null }],
    [["name=Ada"], { name: "Ada" }],
    [["name="], { name: "" }],
    [['name="7"'], { name: "7" }],
    [["code=007"], { code: "007" }],
    [["id=12345678901234567890"], { id: "12345678901234567890" }],
    [["equation=a=b"], { equation: "a=b" }],
    [['list=[1,"a"]'], { list: [1, "a"] }],
    [["a.b.c=1", "a.b.d=2", "a.e=3"], { a: { b: { c: 1, d: 2 }, e: 3 } }],
    [["n=1", "n=2"], { n: 2 }],
    [["@order.json"], { sku: "A1", options: { express: false } }],
    [["@order.json", "options.express=true", "n=1"], { sku: "A1", options: { express: true }, n: 1 }],
    [["@list.json"], [1, 2]],
    [["@marked.json"], { a: "é" }],
    [['{"a":1}', '{"b":2}'], { a: 1, b: 2 }],
  ])("%j", async (given, input) => {
    expect(await read(given)).toEqual(input);
  });

  test("stdin, as one JSON document", async () => {
    expect(await read(["-"], { stdin: ' {"a": [1]}\n' })).toEqual({ a: [1] });
    expect(await read(["-"], { stdin: "3" })).toBe(3);
    expect(await read(["-"], { stdin: '\ufeff{"a":"é"}' })).toEqual({ a: "é" });
  });

  test("nothing: null, or an empty object where the workflow wants an object", async () => {
    expect(await read([])).toBe(null);
    expect(await read([], { definition: { ...flow, input: { type: "object" } } })).toEqual({});
    expect(await read([], { definition: { ...flow, input: { type: "string" } } })).toBe(null);
  });
});

describe("refused as wrong usage", () => {
  test.each([
    [["sku"], "is not key=value"],
    [["=1"], "is not key=value"],
    [["a..b=1"], "is not key=value"],
    [["a=1", "a.b=2"], "already has a value that is not an object"],
    [["@list.json", "a=1"], "the input so far is not an object"],
    [["a=1", "@list.json"], "would replace"],
    [["__proto__.polluted=1"], "a key cannot be __proto__"],
    [["a.constructor=1"], "a key cannot be constructor"],
  ])("%j", async (given, message) => {
    const refused: unknown = await read(given).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as Error).message).toContain(message);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("refused as invalid", () => {
  test.each([
    [["@broken.json"], "INPUT_INVALID", "broken.json: expected one JSON document"],
    [["@empty.json"], "INPUT_INVALID", "it is empty"],
    [["@none.json"], "FILE_UNREADABLE", "there is no such file"],
    [["@."], "FILE_UNREADABLE", "it is a folder"],
    [["@latin.json"], "FILE_UNREADABLE", "it is not UTF-8"],
    [["{a:1}"], "INPUT_INVALID", "--input: expected one JSON document"],
    [["-"], "INPUT_INVALID", "stdin: expected one JSON document: it is empty"],
  ])("%j", async (given, code, message) => {
    const refused: unknown = await read(given).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TuttiError);
    expect(refused).toMatchObject({ code });
    expect((refused as Error).message).toContain(message);
  });

  test("what is not UTF-8 on stdin", async () => {
    await expect(read(["-"], { stdin: latin })).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  test("more on stdin than may be", async () => {
    const endless = { read: () => Promise.resolve(undefined) };
    await expect(readInput(["-"], flow, { cwd: folder, stdin: endless })).rejects.toThrow("more than 67108864 bytes");
  });
});
