import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { configFiles, readConfig } from "./config.ts";

const top = mkdtempSync(join(tmpdir(), "tutti-config-"));
afterAll(() => rmSync(top, { recursive: true }));
let count = 0;

/** A project and a home with these files in them. */
function place(files: Readonly<Record<string, string>>, env: Record<string, string> = {}) {
  const folder = join(top, String(++count));
  for (const [path, text] of Object.entries({ "project/.keep": "", "home/.keep": "", ...files })) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { env, cwd: join(folder, "project"), home: join(folder, "home") };
}

const PROJECT = "project/tutti.config.json";
const USER = "home/.config/tutti/config.yaml";

describe("a value comes from", () => {
  test("the default, with the store in the working directory", async () => {
    const here = place({});
    const { config, settings } = await readConfig(here);
    expect(config).toMatchObject({ store: join(here.cwd, ".tutti/tutti.db"), color: "auto", maxConcurrentTasks: 64 });
    expect(new Set(Object.values(settings).map(({ origin }) => origin))).toEqual(new Set(["default"]));
  });

  test("flag before environment before project before user before default, each told", async () => {
    const here = place(
      {
        [PROJECT]: '{"store":"p.db","maxConcurrentRuns":2,"abortGrace":"2s"}',
        [USER]: "store: u.db\nmaxConcurrentRuns: 3\nabortGrace: 3s\nshutdownGrace: 3000\n",
      },
      { TUTTI_STORE: "e.db", TUTTI_MAX_CONCURRENT_RUNS: "1" },
    );
    const { settings } = await readConfig(here, { store: "f.db" });
    expect(settings).toEqual({
      store: { value: join(here.cwd, "f.db"), origin: "flag" },
      maxConcurrentRuns: { value: 1, origin: "env TUTTI_MAX_CONCURRENT_RUNS" },
      abortGrace: { value: 2_000, origin: join(here.cwd, "tutti.config.json") },
      shutdownGrace: { value: 3_000, origin: join(here.home, ".config/tutti/config.yaml") },
      maxConcurrentTasks: { value: 64, origin: "default" },
      color: { value: "auto", origin: "default" },
    });
  });

  test("a path of a file begins at that file's folder", async () => {
    const here = place({ [USER]: "store: data/u.db" });
    expect((await readConfig(here)).config.store).toBe(join(here.home, ".config/tutti/data/u.db"));
  });

  test("an empty variable is none", async () => {
    const here = place({}, { TUTTI_STORE: "" });
    expect((await readConfig(here)).settings.store.origin).toBe("default");
  });
});

test("the user's file lies under TUTTI_HOME, or XDG_CONFIG_HOME when that is absolute, or ~/.config", () => {
  const user = (env: Record<string, string>) => configFiles({ env, cwd: "/work", home: "/home/ada" }).user[0];
  expect(user({})).toBe("/home/ada/.config/tutti/config.json");
  expect(user({ XDG_CONFIG_HOME: "/xdg" })).toBe("/xdg/tutti/config.json");
  expect(user({ XDG_CONFIG_HOME: "xdg" })).toBe("/home/ada/.config/tutti/config.json");
  expect(user({ XDG_CONFIG_HOME: "/xdg", TUTTI_HOME: "/own" })).toBe("/own/config.json");
});

describe("refused, all problems at once", () => {
  test("unknown keys with what was meant, wrong values with what is expected", async () => {
    const here = place(
      { [PROJECT]: '{"stroe":"a","maxConcurrentRuns":0,"color":"red","toString":1}' },
      { TUTTI_ABORT_GRACE: "soon" },
    );
    const refused: unknown = await readConfig(here).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "OPTIONS_INVALID" });
    const { message } = refused as Error;
    for (const part of [
      "there is no key stroe. Did you mean store?",
      "maxConcurrentRuns: expected a whole number from 1 on, not 0",
      'color: expected auto, always or never, not "red"',
      "there is no key toString",
      'TUTTI_ABORT_GRACE: expected milliseconds or a text such as "5s", not "soon"',
    ])
      expect(message).toContain(part);
  });

  test.each([
    [{ [PROJECT]: "{" }, "tutti.config.json: "],
    [{ [PROJECT]: "[]" }, "expected keys with values"],
    [{ "project/tutti.config.yaml": "a: [" }, "tutti.config.yaml: "],
    [{ [PROJECT]: "{}", "project/tutti.config.yaml": "" }, "there may be only one of them"],
  ])("%j", async (files, message) => {
    await expect(readConfig(place(files as Record<string, string>))).rejects.toThrow(message);
  });

  test("an empty YAML file holds nothing, and that is well", async () => {
    expect((await readConfig(place({ [USER]: "" }))).settings.store.origin).toBe("default");
  });
});
