/** Rust: Cargo.toml and Cargo.lock. */
import { readTomlLock, type Declared, type Ecosystem, type Pin } from "./ecosystem.ts";
import { memberOf, readToml, stringsIn } from "./toml.ts";

/** `dependencies`, `target.cfg(unix).dev-dependencies`, and the long form `dependencies.serde`. */
const TABLE = /(?:^|\.)((?:dev-|build-)?dependencies)(?:\.([\w-]+))?$/;

export const cargo: Ecosystem = {
  name: "cargo",
  isManifest: (fileName) => fileName === "Cargo.toml",
  lockNames: ["Cargo.lock"],
  registry: "crates.io",
  canonical: (name) => name,
  declared(text) {
    const found: Declared[] = [];
    for (const { name: table, values } of readToml(text)) {
      const [, group, single] = TABLE.exec(table) ?? [];
      if (group === undefined) continue;
      const development = group === "dev-dependencies";
      if (single === undefined) {
        for (const [name, value] of values) found.push(dependency(name, value, development));
      } else {
        const inline = `{ ${[...values].map(([key, value]) => `${key} = ${value}`).join(", ")} }`;
        found.push(dependency(single, inline, development));
      }
    }
    return found;
  },
  locked: (text) => readTomlLock(text),
};

function dependency(written: string, value: string, development: boolean): Declared {
  const isTable = value.startsWith("{");
  const name = written.replace(/\.workspace$/, "");
  const range = (isTable ? memberOf(value, "version") : stringsIn(value)[0]) ?? "";
  const declared = {
    name: (isTable ? memberOf(value, "package") : undefined) ?? name,
    range: range || value,
    development,
  };
  if (name !== written || /\bworkspace\s*=\s*true/.test(value)) return { ...declared, pin: "local" };
  if (isTable && memberOf(value, "path") !== undefined) return { ...declared, pin: "local" };
  if (isTable && memberOf(value, "git") !== undefined) return { ...declared, pin: "foreign" };
  return { ...declared, pin: pinOf(range) };
}

/** A bare `1.2` is a caret range in Cargo. */
function pinOf(range: string): Pin {
  if (/^=\s*\d+\.\d+\.\d+/.test(range) && !range.includes(",")) return "pinned";
  return /^\s*[\^~]?\s*\d|</.test(range) ? "ranged" : "open";
}
