/**
 * `npm start [-- <path>]`: a team of agents audits a git repository. The run lives in `.tutti/audit.db`; stopped or
 * killed at any instant, the same command goes on where it stopped, and finished steps are not repeated.
 */
import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createOrchestrator, TuttiError, type RunHandle } from "tutti";
import { readArguments, USAGE } from "./arguments.ts";
import { Display } from "./progress.ts";
import { NoRepository, openRepository } from "./repository.ts";
import { startOrGoOn, type Audit } from "./runs.ts";
import { stepsOf, summary } from "./summary.ts";
import { team, audit } from "./workflow.ts";

const EXIT = { done: 0, failure: 1, usage: 2, invalid: 3, held: 7, failed: 10, cancelled: 11 };
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
const STORE = join(".tutti", "audit.db");

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  // npm starts scripts in the project's folder, but relative paths are meant from where the command was typed.
  const typedIn = process.env["npm_lifecycle_event"] === "start" ? process.env["INIT_CWD"] : undefined;
  const given = readArguments(args, typedIn ?? process.cwd());
  switch (given.asked) {
    case "help":
      console.log(USAGE);
      return EXIT.done;
    case "nonsense":
      say(`${given.problem}\n\n${USAGE}`);
      return EXIT.usage;
    case "audit":
      return carryOut(given.path ?? import.meta.dirname, given.out);
  }
}

/** `out` may be a folder. */
async function carryOut(path: string, out: string): Promise<number> {
  const repository = await openRepository(path, new Date().toISOString());
  if ((await stat(out).catch(() => undefined))?.isDirectory()) return carryOut(path, join(out, "report.md"));
  await access(dirname(out), constants.W_OK);
  await mkdir(dirname(STORE), { recursive: true });
  const stopped = onSignal();
  await using tutti = await createOrchestrator({ store: STORE, agents: team, workflows: [audit], shutdownGrace: "1s" });
  const { run, resumed } = await startOrGoOn(tutti, repository, out);
  const known = await run.get();
  const { ended, total } = known.progress;
  const what = `${repository.name} at ${repository.commit?.slice(0, 12) ?? "no commit"}`;
  say(
    resumed ? `Going on with run ${run.id} of ${what} (${ended} of ${total} steps done).` : `Run ${run.id}: ${what}.`,
  );
  return await Promise.race([follow(run, new Display(screen(), resumed ? stepsOf(known) : [])), stopped]);
}

/** Shows the run until it has ended, then its result. */
async function follow(run: RunHandle<Audit>, display: Display): Promise<number> {
  for await (const _ of run.progress()) display.update(stepsOf(await run.get()), Date.now());
  const info = await run.get();
  if (info.status === "completed") {
    console.log(summary(info, await run.result()));
    return EXIT.done;
  }
  const error = await run.result().then(String, (problem: unknown) => problem);
  say(error instanceof Error ? error.message : String(error));
  return info.status === "cancelled" ? EXIT.cancelled : EXIT.failed;
}

/** A signal once ends this process in good order, and a second one at once; the run is not cancelled by either. */
function onSignal(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of Object.entries(SIGNALS)) {
      process.once(signal, () => {
        say("\nStopping. The same command goes on where this one stopped.");
        resolve(code);
      });
    }
  });
}

function screen(): ConstructorParameters<typeof Display>[0] {
  const { CI, NO_COLOR, TERM } = process.env;
  const live = process.stderr.isTTY && !CI && TERM !== "dumb";
  return {
    live,
    colour: live && !NO_COLOR,
    columns: process.stderr.columns || 80,
    write: (text) => process.stderr.write(text),
  };
}

/** Each refusal in one line that says what to do; anything else is a fault of ours, and shows its stack. */
function refusal(error: unknown): number {
  if (error instanceof NoRepository) {
    say(`${error.message} Give the path of a git repository: npm start -- <path>`);
    return EXIT.invalid;
  }
  if (error instanceof TuttiError) {
    say(error.message);
    return error.code === "STORE_LOCKED" || error.code === "STORE_UNUSABLE" ? EXIT.held : EXIT.failure;
  }
  if (error instanceof Error && "code" in error && "path" in error) {
    say(`Cannot write there: ${error.message}`);
    return EXIT.invalid;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failure;
}

process.exitCode = await main(process.argv.slice(2)).catch(refusal);
