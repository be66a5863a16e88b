import satisfies from "semver/functions/satisfies.js";
import validVersion from "semver/functions/valid.js";
import validRange from "semver/ranges/valid.js";
import type { AgentCard } from "./card.ts";

/** By id, or any agent with all of the capabilities (or any of them), in a semver range, with all tags. */
export type AgentSelector =
  | { readonly id: string; readonly version?: string }
  | {
      readonly capabilities: readonly string[];
      readonly any?: true;
      readonly version?: string;
      readonly tags?: readonly string[];
    };

/** Whether an agent is one that the selector means. Health, load and limits are asked elsewhere. */
export function matches(selector: AgentSelector, card: AgentCard): boolean {
  if (selector.version !== undefined && !satisfies(card.version, selector.version)) return false;
  if ("id" in selector) return selector.id === card.id;
  const has = (capability: string): boolean => card.capabilities.includes(capability);
  const capable = selector.any ? selector.capabilities.some(has) : selector.capabilities.every(has);
  return capable && (selector.tags ?? []).every((tag) => card.tags.includes(tag));
}

/** A selector in words, for messages and reasons: `cmo@^1`, `finance + tax, tagged eu`. */
export function describeSelector(selector: AgentSelector): string {
  const version = selector.version === undefined ? "" : `@${selector.version}`;
  if ("id" in selector) return `${selector.id}${version}`;
  const tags = selector.tags?.length ? `, tagged ${selector.tags.join(" + ")}` : "";
  return `${selector.capabilities.join(selector.any ? " or " : " + ")}${version}${tags}`;
}

/** `1.2.0`, `2.0.0-rc.1`. */
export function isVersion(value: unknown): value is string {
  return typeof value === "string" && validVersion(value) === value;
}

/** A semver range: `^1.2`, `>=1 <3`, `1.x || 3.x`. */
export function isRange(value: unknown): value is string {
  return typeof value === "string" && value !== "" && validRange(value) !== null;
}
