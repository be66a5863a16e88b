/** `tutti run --dry`: what would run, level by level. The document and the input are checked; nothing is loaded. */
import { TuttiError } from "../../errors.ts";
import type { WorkflowFile } from "../../host/document.ts";
import type { Json } from "../../std/json.ts";
import { isCode } from "../../workflow/definition.ts";
import { describeDefinition, drawText } from "../../workflow/draw.ts";
import { checkInput } from "../../workflow/input.ts";
import type { Context } from "../context.ts";
import { visibleLines } from "../display/text.ts";
import { EXIT } from "../exit.ts";

export async function dry(context: Context, { definition }: WorkflowFile, input: Json): Promise<number> {
  const { id, version } = definition;
  if (definition.input && !isCode(definition.input)) {
    const list = await checkInput(definition.input, input);
    const problems = list.map(({ path, message }) => `  ${path}: ${message}`).join("\n");
    if (list.length > 0) throw new TuttiError("INPUT_INVALID", { workflow: id, problems, list });
  }
  if (context.json)
    context.printJson({ dry: true, workflow: { id, version }, input, ...describeDefinition(definition) });
  else context.print(`${visibleLines(drawText(definition).trimEnd())}\n`);
  context.tell("Nothing was loaded or started.");
  return EXIT.done;
}
