/** Loaded only where there is a configuration in YAML. Its own file: a bundle knows the names of static imports alone. */
import { parse } from "yaml";

export function parseYaml(text: string): unknown {
  return parse(text);
}
