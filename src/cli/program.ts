/** The command line: verbs, their options and their help. What a verb does is loaded when it is asked for. */
import { Command, CommanderError, Option } from "commander";
import type { Terminal } from "../host/terminal.ts";
import { PRIORITIES } from "../workflow/definition.ts";
import type { Verb } from "./context.ts";
import { openContext } from "./context.ts";
import { EXIT } from "./exit.ts";
import { tellFailure } from "./failure.ts";

/** What makes a command's action of a verb that is yet to be loaded. */
type Act = <Options>(load: () => Promise<Verb<Options>>) => (...given: unknown[]) => Promise<void>;

/** Runs one command line and returns its exit code. Never throws. */
export async function runProgram(argv: readonly string[], terminal: Terminal, version: string): Promise<number> {
  let code: number = EXIT.done;
  const act: Act =
    (load) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals<Parameters<Awaited<ReturnType<typeof load>>>[2]>();
      code = await (await load())(await openContext(terminal, options), command.args, options);
    };
  const asked = (...flags: string[]): boolean => argv.some((word) => flags.includes(word));
  const uncaught = (thrown: unknown): void => {
    tellFailure(thrown, terminal, { json: asked("--json"), verbose: asked("-v", "--verbose") });
    terminal.exit(EXIT.failure);
  };
  const giveBack = terminal.onUncaught(uncaught);
  try {
    if (argv[0] === "__complete")
      return await complete(argv.slice(1), terminal, () => programOf(act, terminal, version));
    const program = programOf(act, terminal, version);
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done;
    if (thrown instanceof CommanderError && thrown.code === "commander.help") return EXIT.usage;
    return tellFailure(thrown, terminal, { json: asked("--json"), verbose: asked("-v", "--verbose") });
  } finally {
    giveBack();
  }
}

async function complete(words: readonly string[], terminal: Terminal, program: () => Command): Promise<number> {
  return (await import("./verbs/complete.ts")).complete(words, terminal, program());
}

const EXIT_CODES = `
Exit codes:
  0 done  1 anything else  2 wrong usage  3 invalid file, input or configuration
  5 not there  6 conflict  7 no store  8 the wait was too short  10 run failed
  11 run cancelled  12 run waits for a person  13 run stranded  130 143 signals`;

function programOf(act: Act, terminal: Terminal, version: string): Command {
  const program = new Command("tutti");
  program
    .description("Runs teams of agents durably: a workflow survives whatever happens to this process.")
    .version(version, "-V, --version", "the version")
    .option("-v, --verbose", "with a failure, show where it came from")
    .option("-q, --quiet", "no progress and no words on stderr but errors; lists of ids only")
    .option("--color <when>", "auto, always or never")
    .option("--no-color", "the same as --color never")
    .option("--no-progress", "one line per change instead of a block that is redrawn")
    .helpOption("-h, --help", "this help")
    .helpCommand("help [command]", "help for a command")
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Told once, by tellFailure.
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.stdout.columns,
      getErrHelpWidth: () => terminal.stderr.columns,
    });
  examples(program, [
    "tutti init hello && cd hello && tutti run workflow.yaml",
    "tutti run workflow.yaml --input name=Ada --json",
    "tutti runs list --status failed",
    "tutti recover",
  ]);
  program.addHelpText("after", EXIT_CODES);
  addFiles(program, act);
  addRuns(program, act);
  addRest(program, act);
  return program;
}

function addFiles(program: Command, act: Act): void {
  const run = withStore(program.command("run <file>").description("run a workflow file, and wait for its end"))
    .option(
      "-i, --input <input>",
      "key=value, @file.json, - for stdin, or a JSON object; several are put together",
      gather,
    )
    .option("--run-id <id>", "name the run: asked for again it goes on, or its end is shown")
    .addOption(
      new Option("--priority <priority>", "before or after other runs").choices([...PRIORITIES, "urgent", "medium"]),
    )
    .option("--tag <tag>", "a label; may be given several times", gather)
    .option("--dry", "check it and show what would run; nothing is loaded or started")
    .option("--cancel-on-interrupt", "Ctrl-C cancels the run instead of leaving it")
    .option("--json", "print the whole run as one JSON document")
    .action(act(async () => (await import("./verbs/run.ts")).run));
  examples(run, [
    "tutti run workflow.yaml --input sku=A1 --input options.express=true",
    "tutti run workflow.yaml --input @order.json --run-id order-17 --json",
    'echo \'{"sku":"A1"}\' | tutti run workflow.yaml --input -',
  ]);
  const validate = program
    .command("validate <files...>")
    .description("check workflow files; nothing is loaded or started")
    .option("--json", "print what was found as one JSON document")
    .action(act(async () => (await import("./verbs/validate.ts")).validate));
  examples(validate, ["tutti validate workflow.yaml", "tutti validate workflows/*.yaml --json"]);
  const graph = program
    .command("graph <file>")
    .description("draw the steps of a workflow file")
    .addOption(new Option("--format <format>", "how").choices(["mermaid", "dot", "text"]).default("text"))
    .action(act(async () => (await import("./verbs/graph.ts")).graph));
  examples(graph, ["tutti graph workflow.yaml", "tutti graph workflow.yaml --format dot | dot -Tsvg > graph.svg"]);
}

function addRuns(program: Command, act: Act): void {
  const runs = program.command("runs").description("look at runs, and steer them");
  examples(runs, ["tutti runs list --status failed,stranded", "tutti runs watch run_0190… --timeout 5m"]);
  withStore(runs.command("list").description("runs, the newest first"))
    .option("--status <status>", "only these, separated by commas")
    .option("--workflow <id>", "only of this workflow")
    .option("--tag <tag>", "only with this label")
    .option("--limit <n>", "at most so many (1 to 1,000)", "100")
    .option("--cursor <cursor>", "go on where the last page ended")
    .option("--json", "print { items, nextCursor }")
    .action(act(async () => (await import("./verbs/list.ts")).list));
  withStore(runs.command("get <id>").description("one run with its steps"))
    .option("--json", "print the whole run as one JSON document")
    .action(act(async () => (await import("./verbs/get.ts")).get));
  withStream(runs.command("watch <id>").description("follow a run to its end; exits as `tutti run` does"))
    .option("--timeout <duration>", "stop waiting after this (exit 8)")
    .option("--json", "print the whole run at its end as one JSON document")
    .action(act(async () => (await import("./verbs/watch.ts")).watch));
  withStream(runs.command("events <id>").description("what has happened to a run"))
    .option("--from <seq>", "only events after this one", "0")
    .option("-f, --follow", "wait for more, until the run ends")
    .action(act(async () => (await import("./verbs/events.ts")).events));
  withStream(runs.command("logs <id> [path]").description("what the steps of a run wrote; of one step by its path"))
    .option("-f, --follow", "wait for more, until the run ends")
    .action(act(async () => (await import("./verbs/logs.ts")).logs));
  const steer = {
    pause: "begin no more steps; those under way finish",
    resume: "go on after a pause",
    cancel: "stop every step, then end",
    kill: "end at once, without waiting for anything to stop",
  } as const;
  for (const [verb, description] of Object.entries(steer))
    withStore(runs.command(`${verb} <id>`).description(description))
      .option("--reason <text>", "kept with the run")
      .option("--json", "print { id, status }")
      .action(act(async () => (await import("./verbs/steer.ts")).steer(verb as keyof typeof steer)));
}

function addRest(program: Command, act: Act): void {
  withStore(program.command("recover").description("take up every run that has not ended, and wait for all of them"))
    .option("--json", "accepted, and changes nothing: the result is always one JSON document")
    .action(act(async () => (await import("./verbs/recover.ts")).recover));
  program
    .command("init [folder]")
    .description("make a small workflow to begin with; nothing is written over")
    .action(act(async () => (await import("./verbs/init.ts")).init));
  const config = program.command("config").description("the configuration");
  withStore(config.command("show").description("every value"))
    .option("--origin", "and where it comes from")
    .option("--json", "print it as one JSON document")
    .action(act(async () => (await import("./verbs/config.ts")).show));
  config
    .command("path")
    .description("where configuration files may lie")
    .action(act(async () => (await import("./verbs/config.ts")).path));
  const completion = program
    .command("completion <shell>")
    .description("print what makes a shell (bash, zsh, fish, powershell) complete this command")
    .action(act(async () => (await import("./verbs/completion.ts")).completion));
  examples(completion, ["source <(tutti completion bash)", "tutti completion fish | source"]);
  withStore(program.command("doctor").description("check this machine and the store"))
    .option("--json", "print what was found as one JSON document")
    .action(act(async () => (await import("./verbs/doctor.ts")).doctor));
}

function withStore(command: Command): Command {
  return command.option("--store <path>", "the store's file (default .tutti/tutti.db)");
}

function withStream(command: Command): Command {
  return withStore(command).addOption(
    new Option("--output <format>", "text, or one JSON object per line").choices(["text", "ndjson"]).default("text"),
  );
}

function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function examples(command: Command, lines: readonly string[]): void {
  command.addHelpText("before", `Examples:\n${lines.map((line) => `  $ ${line}\n`).join("")}`);
}
