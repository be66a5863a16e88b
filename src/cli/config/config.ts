/** The configuration and where each value comes from: flag, environment, project file, user file, default. */
import { dirname, isAbsolute, join, resolve } from "node:path";
import { TuttiError } from "../../errors.ts";
import { isFile } from "../../host/files.ts";
import type { Terminal } from "../../host/terminal.ts";
import { readText } from "../../host/text.ts";
import { nearestName } from "../../std/name.ts";
import type { Config, ConfigKey, ConfigValue } from "./keys.ts";
import { KEYS, KEY_NAMES } from "./keys.ts";

export interface Setting {
  readonly value: ConfigValue;
  /** `flag`, `env TUTTI_STORE`, the path of a file, or `default`. */
  readonly origin: string;
}

export interface Configuration {
  readonly config: Config;
  readonly settings: Readonly<Record<ConfigKey, Setting>>;
}

export type Place = Pick<Terminal, "env" | "cwd" | "home">;
export type Flags = { readonly [K in ConfigKey]?: ConfigValue };

const MOST_BYTES = 1024 * 1024;
const FORMATS = ["json", "yaml"] as const;

/** Where the files may lie; the first goes before the second. */
export function configFiles({ env, cwd, home }: Place): { readonly project: string[]; readonly user: string[] } {
  const named = (path: string): string[] => FORMATS.map((format) => `${path}.${format}`);
  // The XDG rules: a relative path does not count.
  const xdg = env["XDG_CONFIG_HOME"] ?? "";
  const tutti = env["TUTTI_HOME"] ?? "";
  const folder = tutti !== "" ? resolve(cwd, tutti) : join(isAbsolute(xdg) ? xdg : join(home, ".config"), "tutti");
  return { project: named(join(cwd, "tutti.config")), user: named(join(folder, "config")) };
}

/** Throws OPTIONS_INVALID with every problem there is, each with where it stands. */
export async function readConfig(place: Place, flags: Flags = {}): Promise<Configuration> {
  const problems: string[] = [];
  const { project, user } = configFiles(place);
  const sources = [
    fromFlags(flags, place),
    fromEnvironment(place, problems),
    await fromFile(project, problems),
    await fromFile(user, problems),
    fallbacks(place),
  ];
  if (problems.length > 0) throw new TuttiError("OPTIONS_INVALID", { problems: problems.join("\n") });
  const settings = Object.fromEntries(
    KEY_NAMES.map((key) => [key, sources.find((source) => source.has(key))?.get(key)]),
  ) as Configuration["settings"];
  const config = Object.fromEntries(KEY_NAMES.map((key) => [key, settings[key].value])) as unknown as Config;
  return { config, settings };
}

type Source = ReadonlyMap<ConfigKey, Setting>;

/** Already checked where they were parsed. */
function fromFlags(flags: Flags, { cwd }: Place): Source {
  return new Map(
    KEY_NAMES.flatMap((key) => {
      const value = flags[key];
      return value === undefined ? [] : [[key, { value: placed(key, value, cwd), origin: "flag" }]];
    }),
  );
}

function fromEnvironment({ env, cwd }: Place, problems: string[]): Source {
  const found = new Map<ConfigKey, Setting>();
  for (const key of KEY_NAMES) {
    const { env: name, parse, expected } = KEYS[key];
    const text = env[name] ?? "";
    if (text === "") continue;
    const value = parse(text);
    if (value === undefined) problems.push(`  ${name}: expected ${expected}, not ${JSON.stringify(text)}`);
    else found.set(key, { value: placed(key, value, cwd), origin: `env ${name}` });
  }
  return found;
}

function fallbacks({ cwd }: Place): Source {
  return new Map(
    KEY_NAMES.map((key) => [key, { value: placed(key, KEYS[key].fallback, cwd), origin: "default" }] as const),
  );
}

async function fromFile(candidates: readonly string[], problems: string[]): Promise<Source> {
  const there = candidates.filter(isFile);
  const [file] = there;
  if (file === undefined) return new Map();
  if (there.length > 1) {
    problems.push(`  ${there.join(" and ")}: there may be only one of them`);
    return new Map();
  }
  const found = new Map<ConfigKey, Setting>();
  const content = await parsed(file);
  if ("problem" in content) {
    problems.push(`  ${file}: ${content.problem}`);
    return found;
  }
  for (const [key, given] of Object.entries(content.value)) {
    if (!isKey(key)) {
      const nearest = nearestName(key, KEY_NAMES);
      problems.push(`  ${file}: there is no key ${key}${nearest === undefined ? "" : `. Did you mean ${nearest}?`}`);
      continue;
    }
    const value = KEYS[key].parse(given);
    if (value === undefined)
      problems.push(`  ${file}: ${key}: expected ${KEYS[key].expected}, not ${JSON.stringify(given)}`);
    else found.set(key, { value: placed(key, value, dirname(file)), origin: file });
  }
  return found;
}

async function parsed(file: string): Promise<{ readonly value: object } | { readonly problem: string }> {
  try {
    const text = readText(file, MOST_BYTES);
    const value: unknown = file.endsWith(".json") ? JSON.parse(text) : (await import("./yaml.ts")).parseYaml(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value };
    return value === null ? { value: {} } : { problem: "expected keys with values" };
  } catch (thrown) {
    if (thrown instanceof TuttiError) throw thrown;
    return { problem: (thrown instanceof Error ? thrown.message : String(thrown)).split("\n")[0] ?? "" };
  }
}

function placed(key: ConfigKey, value: ConfigValue, folder: string): ConfigValue {
  return KEYS[key].path ? resolve(folder, String(value)) : value;
}

function isKey(key: string): key is ConfigKey {
  return Object.hasOwn(KEYS, key);
}
