import { TuttiError } from "../errors.ts";
import { type Duration, parseDuration } from "../std/duration.ts";
import type { Eventually } from "../std/eventually.ts";
import { isName, NAME_RULE } from "../std/name.ts";
import { type AgentCard, DEFAULT_MAX_CONCURRENCY, DEFAULT_VERSION } from "./card.ts";
import type { Context } from "./context.ts";
import { isVersion } from "./match.ts";

export interface FunctionReach<in In, out Out> {
  readonly executor: "function";
  readonly run: (input: In, context: Context) => Eventually<Out>;
}

export interface ProcessReach {
  readonly executor: "process";
  /** The program and its arguments; no shell. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signalGraceMs?: number;
}

/** An agent as a value: its card, and how it is reached. Make it with `agent()`. */
export interface Agent<in In = never, out Out = unknown> {
  readonly card: AgentCard;
  readonly reach: FunctionReach<In, Out> | ProcessReach;
}

interface CardOptions {
  readonly id: string;
  /** For people; the id when not given. */
  readonly name?: string;
  readonly capabilities: readonly string[];
  /** Semver. Default `0.0.0`. */
  readonly version?: string;
  /** Free labels. */
  readonly tags?: readonly string[];
  /** Tasks at a time. Default 16. */
  readonly maxConcurrency?: number;
}

export interface FunctionAgentOptions<in In, out Out> extends CardOptions {
  /** Its first parameter's type is the agent's input; what it returns (JSON) its output. */
  readonly run: (input: In, context: Context) => Eventually<Out>;
}

export interface ProcessAgentOptions extends CardOptions {
  /** `[program, ...arguments]`, or the same with its surroundings. The input comes as one JSON document on stdin. */
  readonly process:
    | readonly string[]
    | {
        readonly command: readonly string[];
        /** Added to PATH, HOME and the like. `secret://NAME` is resolved when it starts. */
        readonly env?: Readonly<Record<string, string>>;
        /** Default: the directory of the engine's process. */
        readonly cwd?: string;
        /** From SIGINT to SIGTERM, and from SIGTERM to SIGKILL. Default 2 s. */
        readonly signalGrace?: Duration;
      };
}

/** Defines an agent. Throws AGENT_INVALID with what is wrong. */
export function agent<In, Out>(options: FunctionAgentOptions<In, Out>): Agent<In, Out>;
export function agent(options: ProcessAgentOptions): Agent<unknown, unknown>;
export function agent(options: FunctionAgentOptions<never, unknown> | ProcessAgentOptions): Agent {
  const reach = reachOf(options);
  const card: AgentCard = {
    id: options.id,
    ...(options.name === undefined ? {} : { name: options.name }),
    capabilities: Object.freeze([...list(options, "capabilities", options.capabilities)]),
    version: options.version ?? DEFAULT_VERSION,
    tags: Object.freeze([...list(options, "tags", options.tags ?? [])]),
    maxConcurrency: options.maxConcurrency ?? DEFAULT_MAX_CONCURRENCY,
    executor: reach.executor,
  };
  if (!isName(card.id)) refuse(options, `its id must have ${NAME_RULE}`);
  if (card.name !== undefined && typeof card.name !== "string") refuse(options, "its name must be a text");
  if (!isVersion(card.version)) refuse(options, `its version ${show(card.version)} is not semver, such as 1.2.0`);
  if (!Number.isInteger(card.maxConcurrency) || card.maxConcurrency < 1)
    refuse(options, `its maxConcurrency must be a whole number from 1, not ${show(card.maxConcurrency)}`);
  return Object.freeze({ card: Object.freeze(card), reach: Object.freeze(reach) });
}

/** Whether a value is what `agent()` returned. */
export function isAgent(value: unknown): value is Agent {
  return typeof value === "object" && value !== null && "card" in value && "reach" in value;
}

function reachOf(options: FunctionAgentOptions<never, unknown> | ProcessAgentOptions): Agent["reach"] {
  const run: unknown = "run" in options ? options.run : undefined;
  const process: unknown = "process" in options ? options.process : undefined;
  if ((run === undefined) === (process === undefined)) refuse(options, "give either run or process");
  if (run === undefined) return processReach(options, (options as ProcessAgentOptions).process);
  if (typeof run !== "function") refuse(options, "its run must be a function");
  return { executor: "function", run: (options as FunctionAgentOptions<never, unknown>).run };
}

function processReach(options: CardOptions, given: ProcessAgentOptions["process"]): ProcessReach {
  if (typeof given !== "object" || given === null) refuse(options, "its process must be [program, ...arguments]");
  const { command, env, cwd, signalGrace } = "command" in given ? given : { command: given };
  const argv = list(options, "process command", command);
  if (argv.length === 0) refuse(options, "its process command is empty: give [program, ...arguments]");
  if (env !== undefined && !Object.values(env).every((value) => typeof value === "string"))
    refuse(options, "its process env must map names to texts");
  if (cwd !== undefined && typeof cwd !== "string") refuse(options, "its process cwd must be a text");
  const signalGraceMs = signalGrace === undefined ? undefined : parseDuration(signalGrace);
  if (signalGrace !== undefined && signalGraceMs === undefined)
    refuse(options, `its signalGrace ${show(signalGrace)} is not a duration, such as 2s`);
  return {
    executor: "process",
    argv: Object.freeze([...argv]),
    ...(env === undefined ? {} : { env: Object.freeze({ ...env }) }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(signalGraceMs === undefined ? {} : { signalGraceMs }),
  };
}

function list(options: CardOptions, what: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string" && item !== ""))
    refuse(options, `its ${what} must be a list of texts, none of them empty`);
  return value as readonly string[];
}

function refuse(options: CardOptions, problem: string): never {
  throw new TuttiError("AGENT_INVALID", { agent: show(options.id), problem });
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
