/**
 * From what people write to the canonical form: aliases, durations, agents as values. Whether the result makes sense
 * (ranges, known names) is asked once, by `validate`; here only what cannot be carried over is a problem.
 */
import { isAgent, type Agent } from "../agent/define.ts";
import { parseDuration } from "../std/duration.ts";
import { memberPath } from "../std/json.ts";
import type { AgentSelector, HandlerChoice, Priority, RetryPolicy, Timeouts } from "./definition.ts";
import { type Problems, show } from "./problems.ts";

type Bag = Readonly<Record<string, unknown>>;
/** Alias → the name it stands for, and whether its value is a duration. */
export type Names = Readonly<Record<string, { readonly name: string; readonly duration?: true }>>;

export const RETRY: Names = {
  maximumAttempts: { name: "maximumAttempts" },
  max_attempts: { name: "maximumAttempts" },
  initialIntervalMs: { name: "initialIntervalMs" },
  initialInterval: { name: "initialIntervalMs", duration: true },
  backoffCoefficient: { name: "backoffCoefficient" },
  backoff_multiplier: { name: "backoffCoefficient" },
  maximumIntervalMs: { name: "maximumIntervalMs" },
  maximumInterval: { name: "maximumIntervalMs", duration: true },
  retryOn: { name: "retryOn" },
  retry_on: { name: "retryOn" },
};

export const TIMEOUT: Names = {
  scheduleToStart: { name: "scheduleToStartMs", duration: true },
  startToClose: { name: "startToCloseMs", duration: true },
  total: { name: "totalMs", duration: true },
};

export const PRIORITY_ALIASES: Readonly<Record<string, Priority>> = { urgent: "critical", medium: "normal" };

export function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function retryOf(value: unknown, path: string, problems: Problems): Partial<RetryPolicy> {
  return renamed(value, RETRY, path, problems) as Partial<RetryPolicy>;
}

/** A duration alone is one attempt's. */
export function timeoutOf(value: unknown, path: string, problems: Problems): Partial<Timeouts> {
  if (isBag(value)) return renamed(value, TIMEOUT, path, problems) as Partial<Timeouts>;
  const startToCloseMs = durationOf(value, path, problems);
  return startToCloseMs === undefined ? {} : { startToCloseMs };
}

export function durationOf(value: unknown, path: string, problems: Problems): number | undefined {
  const ms = parseDuration(value);
  if (ms === undefined) problems.add(path, `expected a duration such as 500ms, 5m or 1h, not ${show(value)}`);
  return ms;
}

/** `undefined` for `normal`, which is the default and left out. */
export function priorityOf(value: unknown): Priority | undefined {
  const priority =
    typeof value === "string" && Object.hasOwn(PRIORITY_ALIASES, value) ? PRIORITY_ALIASES[value] : value;
  return priority === "normal" ? undefined : (priority as Priority | undefined);
}

/** Unknown keys are problems, so that a misspelt option is never silently nothing. */
export function checkKeys(bag: Bag, known: readonly string[], path: string, problems: Problems): void {
  for (const key of Object.keys(bag)) {
    if (!known.includes(key)) problems.add(memberPath(path, key), "no such option", { name: key, among: known });
  }
}

function renamed(value: unknown, names: Names, path: string, problems: Problems): Bag {
  const written: Record<string, unknown> = {};
  if (!isBag(value)) {
    problems.add(path, `expected { ${Object.keys(names).join(", ")} }, not ${show(value)}`);
    return written;
  }
  checkKeys(value, Object.keys(names), path, problems);
  for (const [alias, item] of Object.entries(value)) {
    const known = Object.hasOwn(names, alias) ? names[alias] : undefined;
    if (known === undefined || item === undefined) continue;
    const at = memberPath(path, alias);
    if (Object.hasOwn(written, known.name)) problems.add(at, `given twice: it is the same as ${known.name}`);
    const kept = known.duration ? durationOf(item, at, problems) : copied(item);
    if (kept !== undefined) written[known.name] = kept;
  }
  return written;
}

const SELECTOR_KEYS = ["id", "capability", "capabilities", "any", "version", "tags"];

/** An agent by value, id, or what it must be able to do. `met` hears of each agent given as a value. */
export function selectorOf(
  value: unknown,
  path: string,
  problems: Problems,
  met: (agent: Agent) => void,
): AgentSelector | undefined {
  if (typeof value === "string") return { id: value };
  if (isAgent(value)) {
    met(value);
    return { id: value.card.id };
  }
  if (!isBag(value)) {
    problems.add(path, `expected an agent, its id, or { capability }, not ${show(value)}`);
    return undefined;
  }
  checkKeys(value, SELECTOR_KEYS, path, problems);
  const { id, capability, capabilities, any, version, tags } = value;
  const needed = capabilities ?? (capability === undefined ? undefined : [capability]);
  if (capability !== undefined && capabilities !== undefined)
    problems.add(path, "give either capability or capabilities, not both");
  if ((id === undefined) === (needed === undefined)) {
    problems.add(path, "give either the id of an agent or a capability");
    return undefined;
  }
  const rest = { ...(version === undefined ? {} : { version }), ...(tags === undefined ? {} : { tags: copied(tags) }) };
  const selector =
    needed === undefined ? { id, ...rest } : { capabilities: copied(needed), ...(any ? { any: true } : {}), ...rest };
  return selector as AgentSelector;
}

function copied(list: unknown): unknown {
  return Array.isArray(list) ? [...(list as unknown[])] : list;
}

/** A handler's answer in canonical form; `undefined`, and a problem, when it is none. */
export function choiceOf(
  value: unknown,
  path: string,
  problems: Problems,
  met: (agent: Agent) => void,
): HandlerChoice | undefined {
  if (value === "retry" || value === "skip" || value === "fail") return value;
  if (isBag(value) && "fallback" in value) {
    const fallback = selectorOf(value["fallback"], memberPath(path, "fallback"), problems, met);
    return fallback && { fallback };
  }
  problems.add(path, `expected retry, skip, fail, { fallback } or a function, not ${show(value)}`, {
    name: typeof value === "string" ? value : "",
    among: ["retry", "skip", "fail"],
  });
  return undefined;
}
