/** What the dependencies agent must know of a package manager. One file per ecosystem beside this one. */
import type { Manifest } from "../findings.ts";
import { readToml, stringsIn } from "./toml.ts";

/** `foreign` = not from a registry (git, a URL); `local` = a folder of the same repository. */
export type Pin = "pinned" | "ranged" | "open" | "foreign" | "local";

export interface Declared {
  readonly name: string;
  /** As it is written. */
  readonly range: string;
  readonly pin: Pin;
  readonly development: boolean;
}

export interface Locked {
  /** Without the project's own. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Packages that run a script when they are installed; `null` where the format does not say. */
  readonly installScripts: readonly string[] | null;
  /** Packages from a registry without a checksum. */
  readonly withoutIntegrity: readonly string[];
  /** Packages that do not come from a registry. */
  readonly foreign: readonly string[];
  /** The ranges that the lock was made from, by manifest folder (`""` = beside it), where the format notes them. */
  readonly madeFrom: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Whether two versions of a package in it mean that both are used. */
  readonly exact: boolean;
}

export interface Ecosystem {
  readonly name: Manifest["ecosystem"];
  readonly isManifest: (fileName: string) => boolean;
  /** Looked for beside the manifest, then in each folder above it. */
  readonly lockNames: readonly string[];
  readonly declared: (text: string, fileName: string) => readonly Declared[];
  /** `undefined`: this format is not read here. */
  readonly locked: (text: string, fileName: string) => Locked | undefined;
  /** One name, one spelling. */
  readonly canonical: (name: string) => string;
  readonly registry: string;
}

/** Cargo.lock, poetry.lock, uv.lock and pdm.lock are all lists of `[[package]]` tables. */
export function readTomlLock(text: string): Locked {
  const packages: { name: string; version: string }[] = [];
  const withoutIntegrity: string[] = [];
  const foreign: string[] = [];
  for (const { name: table, values } of readToml(text)) {
    if (table !== "package") continue;
    const source = values.get("source") ?? "";
    const name = stringsIn(values.get("name") ?? "")[0] ?? "";
    if (/\b(editable|virtual|directory|path)\b/.test(source)) continue;
    packages.push({ name, version: stringsIn(values.get("version") ?? "")[0] ?? "" });
    if (/\bgit\b/.test(source)) foreign.push(name);
    if (source.includes("registry+") && !values.has("checksum")) withoutIntegrity.push(name);
  }
  return { packages, installScripts: null, withoutIntegrity, foreign, madeFrom: new Map(), exact: true };
}
