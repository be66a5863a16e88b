/** What a document names outside itself: functions of modules, and agents of its own. */
import { isVersion } from "../agent/match.ts";
import { memberPath } from "../std/json.ts";
import { type Check, isRecord, listOf, name, object, text, within } from "./check.ts";
import { show } from "./problems.ts";

/** URLs and packages are none: what may run is a file that its owner sees. */
const USES = /^\.{0,2}\/[^#?\p{Cc}]*\.(?:mjs|js|ts|mts)#[A-Za-z_$][\w$]*$/u;
const USES_RULE =
  "a module by its path (from ./, ../ or /, ending with .mjs, .js, .ts or .mts) and an export, ./steps.mjs#fetch";

const usesText: Check = (value, path, problems) => {
  if (typeof value !== "string" || value.length > 4_096 || !USES.test(value))
    problems.add(path, `expected ${USES_RULE}, not ${show(value)}`);
};

export const uses = object({ uses: usesText }, ["uses"]);

/** Texts in an order that means something; they may be there twice. */
function texts(least: number): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value) || value.length < least) {
      problems.add(path, `expected ${least === 0 ? "a list" : "a list that is not empty"}, not ${show(value)}`);
      return;
    }
    for (const [index, item] of value.entries())
      if (typeof item !== "string" || item === "" || item.includes("\0"))
        problems.add(`${path}[${index}]`, `expected a text that is not empty, not ${show(item)}`);
  };
}

const environment: Check = (value, path, problems) => {
  if (!isRecord(value)) problems.add(path, `expected { NAME: text }, not ${show(value)}`);
  else
    for (const [key, item] of Object.entries(value))
      if (!/^[A-Za-z_]\w*$/.test(key)) problems.add(memberPath(path, key), "expected the name of a variable");
      else if (typeof item !== "string" || item.includes("\0"))
        problems.add(memberPath(path, key), `expected a text, not ${show(item)}`);
};

const version: Check = (value, path, problems) => {
  if (!isVersion(value)) problems.add(path, `expected a version such as 1.2.0, not ${show(value)}`);
};

const label = text(128);
const labels: Check = (value, path, problems) => {
  if (!Array.isArray(value) || value.length > 0) listOf(label)(value, path, problems);
};

const members = object(
  {
    id: name,
    name: label,
    capabilities: labels,
    version,
    tags: labels,
    maxConcurrency: within(1, 1_000_000, "whole"),
    uses: usesText,
    process: object({ command: texts(1), env: environment, cwd: text(4_096), signalGraceMs: within(0, 3_600_000) }, [
      "command",
    ]),
  },
  ["id", "capabilities", "version"],
);

export const agents: Check = (value, path, problems) => {
  if (!Array.isArray(value)) {
    problems.add(path, `expected a list of agents, not ${show(value)}`);
    return;
  }
  const seen = new Set<unknown>();
  for (const [index, item] of value.entries()) {
    const at = `${path}[${index}]`;
    members(item, at, problems);
    if (!isRecord(item)) continue;
    if ((item["uses"] === undefined) === (item["process"] === undefined))
      problems.add(at, "expected uses or process, exactly one of them");
    if (seen.has(item["id"])) problems.add(`${at}.id`, `there are two agents ${show(item["id"])}`);
    seen.add(item["id"]);
  }
};
