import { describe, expect, test } from "vitest";
import { npm, pinOf, scriptsSwitchedOff } from "./npm.ts";

describe("npm", () => {
  test.each([
    ["1.2.3", "pinned"],
    ["=1.2.3-beta.1", "pinned"],
    ["npm:other@1.2.3", "pinned"],
    ["^1.2.3", "ranged"],
    ["~1.2", "ranged"],
    ["1.x", "ranged"],
    [">=1 <2", "ranged"],
    ["1.0.0 - 2.0.0", "ranged"],
    ["^1 || ^2", "ranged"],
    ["npm:@s/other@^1.0.0", "ranged"],
    ["*", "open"],
    ["", "open"],
    ["latest", "open"],
    [">=1.0.0", "open"],
    ["^1 || >=3", "open"],
    ["github:owner/name", "foreign"],
    ["owner/name#main", "foreign"],
    ["git+ssh://git@host/x.git", "foreign"],
    ["https://host/x.tgz", "foreign"],
    ["workspace:*", "local"],
    ["file:../x", "local"],
  ])("the range %j is %s", (range, pin) => {
    expect(pinOf(range)).toBe(pin);
  });

  test("a manifest's development dependencies are told from the others; peers are not asked for", () => {
    const text = JSON.stringify({
      dependencies: { a: "^1.0.0" },
      optionalDependencies: { b: "2.0.0" },
      devDependencies: { c: "*" },
      peerDependencies: { d: ">=1" },
    });
    expect(npm.declared(text, "package.json")).toEqual([
      { name: "a", range: "^1.0.0", pin: "ranged", development: false },
      { name: "b", range: "2.0.0", pin: "pinned", development: false },
      { name: "c", range: "*", pin: "open", development: true },
    ]);
  });

  test("a lock of version 3 tells packages, scripts, missing checksums, foreign sources and what it was made from", () => {
    const text = JSON.stringify({
      packages: {
        "": { dependencies: { a: "^1.0.0" } },
        "packages/own": { devDependencies: { b: "2.0.0" } },
        "node_modules/own": { link: true },
        "node_modules/a": { version: "1.1.0", integrity: "sha512-x", hasInstallScript: true },
        "node_modules/a/node_modules/@s/b": { version: "2.0.0" },
        "node_modules/c": { version: "3.0.0", resolved: "git+ssh://git@host/c.git#abc" },
      },
    });
    expect(npm.locked(text, "package-lock.json")).toEqual({
      packages: [
        { name: "a", version: "1.1.0" },
        { name: "@s/b", version: "2.0.0" },
        { name: "c", version: "3.0.0" },
      ],
      installScripts: ["a"],
      withoutIntegrity: ["@s/b"],
      foreign: ["c"],
      madeFrom: new Map([
        ["", new Map([["a", "^1.0.0"]])],
        ["packages/own", new Map([["b", "2.0.0"]])],
      ]),
      exact: true,
    });
  });

  test("a lock of version 1 is read through all its levels and knows nothing of scripts", () => {
    const b = { version: "2.0.0", integrity: "sha512-b" };
    const a = { version: "1.0.0", integrity: "sha512-a", dependencies: { b } };
    const locked = npm.locked(JSON.stringify({ dependencies: { a, c: { version: "git+https://host/c" } } }), "x.json");
    expect(locked?.packages.map(({ name }) => name).sort()).toEqual(["a", "b", "c"]);
    expect(locked).toMatchObject({ installScripts: null, foreign: ["c"], withoutIntegrity: [] });
  });

  test("locks of other tools are seen, not read, and a broken file is an empty one", () => {
    expect(npm.locked("", "yarn.lock")).toBeUndefined();
    expect(npm.locked("{ broken", "package-lock.json")?.packages).toEqual([]);
    expect(npm.declared("null", "package.json")).toEqual([]);
  });

  test("install scripts can be switched off as a whole, or by package", () => {
    expect(scriptsSwitchedOff("ignore-scripts = true\n", "{}")("a")).toBe(true);
    const off = scriptsSwitchedOff("", `{ "allowScripts": { "a": false, "b": true } }`);
    expect([off("a"), off("b"), off("c")]).toEqual([true, false, false]);
  });
});
