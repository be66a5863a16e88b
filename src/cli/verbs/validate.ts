/** `tutti validate`: checks workflow files. Nothing is loaded or started. */
import { TuttiError } from "../../errors.ts";
import { loadWorkflow } from "../../host/document.ts";
import type { WorkflowFile } from "../../host/document.ts";
import { describeDefinition } from "../../workflow/draw.ts";
import { many, visible, visibleLines } from "../display/text.ts";
import { EXIT } from "../exit.ts";
import { unmatched } from "../unmatched.ts";
import type { Context, Verb } from "../context.ts";

interface Checked {
  readonly name: string;
  readonly file?: WorkflowFile;
  readonly error?: TuttiError;
}

export const validate: Verb<object> = async (context, names) => {
  const checked: Checked[] = [];
  for (const name of names) checked.push(await check(name));
  const [failed] = checked.flatMap(({ error }) => error ?? []);
  if (context.json) {
    context.printJson({ valid: failed === undefined, files: checked.map(described) });
    if (failed) throw failed;
    return EXIT.done;
  }
  for (const { name, file, error } of checked) {
    if (file && !context.quiet) context.print(`${context.out.state("ok")}  ${visible(name)}  ${summary(file)}\n`);
    for (const line of file ? unmatched(file.definition) : []) context.tell(`   ${line}`);
    if (error) tell(context, name, error);
  }
  return failed ? EXIT.invalid : EXIT.done;
};

async function check(name: string): Promise<Checked> {
  try {
    return { name, file: await loadWorkflow(name) };
  } catch (thrown) {
    if (thrown instanceof TuttiError) return { name, error: thrown };
    throw thrown;
  }
}

function tell({ terminal, err }: Context, name: string, error: TuttiError): void {
  terminal.stderr.write(`${err.state("failed")}  ${visible(name)}  ${visibleLines(error.message.trimEnd())}\n`);
}

function summary({ definition }: WorkflowFile): string {
  const { steps, agents, widest, longestPath } = describeDefinition(definition);
  const shape = `${widest} side by side, ${longestPath.length} in a row`;
  const facts = [many(steps, "step"), ...(agents > 0 ? [many(agents, "agent")] : []), shape];
  return visible(`${definition.id}@${definition.version}  ${facts.join(", ")}`);
}

function described({ name, file, error }: Checked): object {
  if (file) {
    const { id, version } = file.definition;
    return { file: name, valid: true, id, version, ...describeDefinition(file.definition) };
  }
  return { file: name, valid: false, code: error?.code, message: error?.message, problems: error?.data["list"] ?? [] };
}
