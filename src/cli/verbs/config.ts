/** `tutti config`: every value and where it comes from, and where the files may lie. */
import { isFile } from "../../host/files.ts";
import { configFiles } from "../config/config.ts";
import { KEYS, KEY_NAMES } from "../config/keys.ts";
import { table } from "../display/table.ts";
import { EXIT } from "../exit.ts";
import type { Verb } from "../context.ts";

export const show: Verb<{ readonly origin?: boolean }> = async (context, _args, { origin }) => {
  const { settings } = context.configuration;
  if (context.json) {
    const values = KEY_NAMES.map((key) => [key, origin ? settings[key] : settings[key].value] as const);
    context.printJson(Object.fromEntries(values));
    return EXIT.done;
  }
  const rows = KEY_NAMES.map((key) => {
    const { value, origin: from } = settings[key];
    return [key, String(value), ...(origin ? [from, KEYS[key].env] : [])];
  });
  const headings = ["KEY", "VALUE", ...(origin ? ["FROM", "VARIABLE"] : [])];
  context.print(table(headings, rows, context.out, context.columns));
  return EXIT.done;
};

export const path: Verb<object> = async (context) => {
  const { project, user } = configFiles(context.terminal);
  for (const file of [...project, ...user]) context.print(`${file}${isFile(file) ? "" : "  (not there)"}\n`);
  return EXIT.done;
};
