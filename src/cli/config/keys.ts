/** Every key of the configuration: its environment variable, its default, and what it may be. */
import { parseDuration } from "../../std/duration.ts";
import { DEFAULTS } from "../../workflow/policy.ts";

export interface Config {
  /** Absolute. */
  readonly store: string;
  readonly maxConcurrentRuns: number;
  readonly maxConcurrentTasks: number;
  readonly abortGrace: number;
  readonly shutdownGrace: number;
  readonly color: "auto" | "always" | "never";
}

export type ConfigKey = keyof Config;
export type ConfigValue = string | number;

interface Key {
  readonly env: string;
  readonly fallback: ConfigValue;
  readonly expected: string;
  /** `undefined`: it is not what is expected. Text comes from the environment, anything from a file. */
  readonly parse: (value: unknown) => ConfigValue | undefined;
  /** Relative ones begin at the folder of the file that names them, else at the working directory. */
  readonly path?: true;
}

const count = {
  expected: "a whole number from 1 on",
  parse: (value: unknown): number | undefined => {
    const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    return typeof number === "number" && Number.isSafeInteger(number) && number >= 1 ? number : undefined;
  },
};

const duration = {
  expected: 'milliseconds or a text such as "5s"',
  parse: (value: unknown): number | undefined =>
    parseDuration(typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value),
};

const COLOURS: readonly unknown[] = ["auto", "always", "never"];

export const KEYS: Readonly<Record<ConfigKey, Key>> = {
  store: {
    env: "TUTTI_STORE",
    fallback: DEFAULTS.store,
    expected: "the path of a file",
    parse: (value) => (typeof value === "string" && value !== "" ? value : undefined),
    path: true,
  },
  maxConcurrentRuns: { env: "TUTTI_MAX_CONCURRENT_RUNS", fallback: DEFAULTS.maxConcurrentRuns, ...count },
  maxConcurrentTasks: { env: "TUTTI_MAX_CONCURRENT_TASKS", fallback: DEFAULTS.maxConcurrentTasks, ...count },
  abortGrace: { env: "TUTTI_ABORT_GRACE", fallback: DEFAULTS.abortGraceMs, ...duration },
  shutdownGrace: { env: "TUTTI_SHUTDOWN_GRACE", fallback: DEFAULTS.shutdownGraceMs, ...duration },
  color: {
    env: "TUTTI_COLOR",
    fallback: "auto",
    expected: "auto, always or never",
    parse: (value) => (COLOURS.includes(value) ? (value as string) : undefined),
  },
};

export const KEY_NAMES = Object.keys(KEYS) as readonly ConfigKey[];
