/** `tutti init`: a small workflow to begin with. Nothing is written over. */
import { join, relative, resolve } from "node:path";
import { isFile, makeFolder } from "../../host/files.ts";
import { writeNewText } from "../../host/text.ts";
import { EXIT } from "../exit.ts";
import type { Verb } from "../context.ts";
import { Conflict } from "../usage.ts";
import { TEMPLATE } from "./template.ts";

export const init: Verb<object> = async (context, [name = "."]) => {
  const { cwd } = context.terminal;
  const folder = resolve(cwd, name);
  const files = Object.entries(TEMPLATE).map(([file, text]) => ({ path: join(folder, file), text }));
  const there = files.filter(({ path }) => isFile(path)).map(({ path }) => relative(cwd, path));
  if (there.length > 0)
    throw new Conflict(`${there.join(", ")}: there already. Name another folder: tutti init <folder>`);
  makeFolder(folder);
  for (const { path, text } of files) {
    if (!writeNewText(path, text)) throw new Conflict(`${relative(cwd, path)}: there already.`);
    context.print(`${relative(cwd, path)}\n`);
  }
  const into = folder === cwd ? "" : `cd ${relative(cwd, folder)} && `;
  context.tell(`Run it: ${into}tutti run workflow.yaml --input name=Ada`);
  return EXIT.done;
};
