/** `tutti run`: starts a run of a file, or goes on with one, and waits until it has ended or needs a person. */
import { TuttiError } from "../../errors.ts";
import { systemIds } from "../../std/ids.ts";
import type { WorkflowFile } from "../../host/document.ts";
import { loadWorkflow } from "../../host/document.ts";
import type { PriorityOption } from "../../workflow/builder.ts";
import { Attendance } from "../attend.ts";
import type { Context, Verb } from "../context.ts";
import { visibleLines } from "../display/text.ts";
import { EXIT } from "../exit.ts";
import { Interrupted } from "../failure.ts";
import { readInput } from "../input.ts";
import { unmatched } from "../unmatched.ts";

interface RunOptions {
  readonly input?: readonly string[];
  readonly runId?: string;
  readonly priority?: PriorityOption;
  readonly tag?: readonly string[];
  readonly dry?: boolean;
  readonly cancelOnInterrupt?: boolean;
}

export const run: Verb<RunOptions> = async (context, [name = ""], options) => {
  const file = await loadWorkflow(name);
  const input = await readInput(options.input ?? [], file.definition, context.terminal);
  if (options.dry) return (await import("./dry.ts")).dry(context, file, input);
  for (const line of unmatched(file.definition)) context.tell(line);
  const { store } = context.config;
  const runId = options.runId ?? systemIds.next("run");
  const { priority, tag } = options;
  const asked = { file, input, options: { runId, ...(priority && { priority }), ...(tag && { tags: tag }) } };
  const { conclude } = await import("../conclude.ts");
  if (options.runId !== undefined) {
    const ended = await (await import("../desk/earlier.ts")).earlier(store, asked);
    if (ended) return conclude(context, ended);
  }
  // The desk brings the engine: half of what there is to load.
  const { settle } = await import("../desk/settle.ts");
  let started = (): void => undefined;
  const there = new Promise<void>((resolve) => (started = resolve));
  const cancel = async (): Promise<void> => {
    attendance.display.note("cancelling; once more to quit at once");
    const { command } = await import("../desk/command.ts");
    // What is not there cannot be cancelled, and what is being started would be there after we had left.
    await there;
    await command(store, runId, "cancel", "interrupted at the terminal").catch((thrown: unknown) => {
      // It was faster: how it ended is told.
      if (thrown instanceof TuttiError && thrown.code === "RUN_ENDED") return;
      const problem = thrown instanceof Error ? thrown.message : String(thrown);
      context.terminal.stderr.write(`tutti: not cancelled: ${visibleLines(problem)}\n`);
    });
  };
  // Not `using`: tsc 6.0 leaves the `.ts` in the import() of a file that has one.
  const attendance = new Attendance(context, {
    concludes: true,
    ...(options.cancelOnInterrupt && { onInterrupt: () => void cancel() }),
  });
  let code: number = EXIT.failure;
  await settle(store, asked, {
    ...attendance.listeners,
    started,
    engine: attendance.engine,
    signal: attendance.signal,
    settled: async (info) => void (code = await attendance.conclude(() => conclude(context, info))),
  })
    .finally(() => attendance[Symbol.dispose]())
    .catch((thrown: unknown) => {
      if (thrown instanceof Interrupted) context.tell(howToGoOn(context, attendance, file, runId));
      throw thrown;
    });
  return code;
};

function howToGoOn({ config, configuration }: Context, { owner }: Attendance, file: WorkflowFile, id: string): string {
  const store = configuration.settings.store.origin === "flag" ? ` --store ${config.store}` : "";
  if (owner && !owner.here)
    return `Left. Run ${id} goes on in process ${owner.pid}. Watch it: tutti runs watch ${id}${store}`;
  return [
    `Left. Run ${id} is kept as it is. Go on with it:`,
    `  tutti recover${store}`,
    `  tutti run ${file.file} --run-id ${id}${store}   (with the same --input)`,
  ].join("\n");
}
