/** `tutti graph`: the steps of a workflow file as a drawing. */
import { loadWorkflow } from "../../host/document.ts";
import { drawDot, drawMermaid, drawText } from "../../workflow/draw.ts";
import { visibleLines } from "../display/text.ts";
import { EXIT } from "../exit.ts";
import type { Verb } from "../context.ts";

const DRAW = { mermaid: drawMermaid, dot: drawDot, text: drawText } as const;

export const graph: Verb<{ readonly format: keyof typeof DRAW }> = async (context, [name = ""], { format }) => {
  const { definition } = await loadWorkflow(name);
  context.print(`${visibleLines(DRAW[format](definition).trimEnd())}\n`);
  return EXIT.done;
};
