/** Python: requirements files, and pyproject.toml as the standard (PEP 621, 735) and Poetry write it. */
import { readTomlLock, type Declared, type Ecosystem, type Pin } from "./ecosystem.ts";
import { memberOf, readToml, stringsIn } from "./toml.ts";

const DEVELOPMENT = /(^|[-_./])(dev|tests?|docs?|lint|typing|ci)([-_.]|$)/;

export const python: Ecosystem = {
  name: "python",
  isManifest: (fileName) => fileName === "pyproject.toml" || /^requirements[\w.-]*\.txt$/.test(fileName),
  lockNames: ["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"],
  registry: "PyPI",
  canonical: (name) => name.toLowerCase().replaceAll(/[-_.]+/g, "-"),
  declared: (text, fileName) => (fileName === "pyproject.toml" ? fromProject(text) : fromRequirements(text, fileName)),
  locked: (text, fileName) => (fileName === "Pipfile.lock" ? undefined : readTomlLock(text)),
};

function fromRequirements(text: string, fileName: string): Declared[] {
  const development = DEVELOPMENT.test(fileName.slice("requirements".length));
  return text
    .replaceAll(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("--") && !/^-[rcif]\b/.test(line))
    .map((line) => fromRequirement(line.replace(/^-e\s+/, ""), development));
}

/** One requirement as PEP 508 writes it: `name[extra] >=1,<2 ; marker`, `name @ https://…`. */
function fromRequirement(written: string, development: boolean): Declared {
  const [requirement = ""] = written.split(/\s*;|\s--hash/);
  const match = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(requirement);
  if (!match || /^(git|https?|\.|\/)[+:./]/.test(requirement)) {
    const pin = /^(git\+|https?:)/.test(requirement) ? "foreign" : "local";
    return { name: requirement, range: requirement, pin, development };
  }
  const range = (match[2] ?? "").replace(/^\((.*)\)$/, "$1").trim();
  return { name: match[1] ?? "", range, pin: pinOf(range), development };
}

function pinOf(range: string): Pin {
  if (range.startsWith("@")) return /^@\s*file:/.test(range) ? "local" : "foreign";
  if (/^===?\s*[^*,]+$/.test(range)) return "pinned";
  return /<|~=|==/.test(range) ? "ranged" : "open";
}

function fromProject(text: string): Declared[] {
  const found: Declared[] = [];
  for (const { name: table, values } of readToml(text)) {
    if (table === "project") {
      for (const line of stringsIn(values.get("dependencies") ?? "")) found.push(fromRequirement(line, false));
    } else if (table === "project.optional-dependencies" || table === "dependency-groups") {
      for (const [group, value] of values) {
        const development = table === "dependency-groups" || DEVELOPMENT.test(group);
        const lines = value.replaceAll(/\{[^}]*\}/g, ""); // Includes of other groups.
        for (const line of stringsIn(lines)) found.push(fromRequirement(line, development));
      }
    } else if (/^tool\.poetry\.(dependencies|dev-dependencies|group\..+\.dependencies)$/.test(table)) {
      const development = table !== "tool.poetry.dependencies";
      for (const [name, value] of values) if (name !== "python") found.push(fromPoetry(name, value, development));
    }
  }
  return found;
}

function fromPoetry(name: string, value: string, development: boolean): Declared {
  const isTable = value.startsWith("{");
  const range = (isTable ? memberOf(value, "version") : stringsIn(value)[0]) ?? "";
  const declared = { name, range: range || value, development };
  if (isTable && memberOf(value, "path") !== undefined) return { ...declared, pin: "local" };
  if (isTable && /\b(git|url)\s*=/.test(value)) return { ...declared, pin: "foreign" };
  if (/^(={0,3}\s*)\d[\w.+-]*$/.test(range)) return { ...declared, pin: "pinned" };
  return { ...declared, pin: /^[\^~]|<|\.\*$/.test(range) ? "ranged" : "open" };
}
