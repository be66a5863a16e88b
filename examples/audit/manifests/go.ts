/** Go: go.mod, and go.sum for the checksums. Every requirement names one version, so nothing is ever unpinned. */
import type { Declared, Ecosystem } from "./ecosystem.ts";

export const go: Ecosystem = {
  name: "go",
  isManifest: (fileName) => fileName === "go.mod",
  lockNames: ["go.sum"],
  registry: "the Go module proxy",
  canonical: (name) => name,
  declared(text) {
    const found: Declared[] = [];
    let block = "";
    for (const raw of text.split(/\r?\n/)) {
      const indirect = /\/\/\s*indirect\b/.test(raw);
      const line = raw.replace(/\/\/.*$/, "").trim();
      const opened = /^(\w+)\s*\($/.exec(line);
      if (opened) block = opened[1] ?? "";
      else if (line === ")") block = "";
      else if (block === "require" || line.startsWith("require ")) {
        const [name = "", version = ""] = line.replace(/^require\s+/, "").split(/\s+/);
        if (name !== "" && !indirect) found.push({ name, range: version, pin: "pinned", development: false });
      } else if (block === "replace" || line.startsWith("replace ")) {
        const [name = "", target = ""] = line.replace(/^replace\s+/, "").split(/\s*=>\s*/);
        if (target !== "" && !/^\.{0,2}\//.test(target))
          found.push({ name: name.split(/\s/)[0] ?? "", range: target, pin: "foreign", development: false });
      }
    }
    return found;
  },
  /** go.sum also holds versions that were only looked at, so two of them do not mean that both are built in. */
  locked(text) {
    const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.includes("/go.mod "));
    const packages = lines.map((line) => {
      const [name = "", version = ""] = line.split(" ");
      return { name, version };
    });
    return { packages, installScripts: [], withoutIntegrity: [], foreign: [], madeFrom: new Map(), exact: false };
  },
};
