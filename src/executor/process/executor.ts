import { toFailure, type Failure } from "../../errors.ts";
import type { Secrets } from "../../host/secrets.ts";
import { spawnGroup, type GroupEnd } from "../../host/spawn.ts";
import type { Clock } from "../../std/clock.ts";
import { failed, refused } from "../outcome.ts";
import type { Attempt, Executor, Outcome } from "../port.ts";
import { readDocument } from "./document.ts";

/** A program that is an agent: JSON on stdin, JSON on stdout, log lines on stderr. */
export interface Program {
  /** An absolute path, or a name to look up in PATH, and its arguments. No shell, so nothing needs quoting. */
  readonly argv: readonly string[];
  readonly cwd?: string;
  /** Added to PATH, HOME, LANG, LC_ALL, TMPDIR and TZ, all that is passed on. A value may be `secret://NAME`. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProcessHost {
  readonly storeId: string;
  readonly clock: Clock;
  readonly secrets: Secrets;
  /** From SIGINT to SIGTERM, and from SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Of stderr, what becomes log lines. */
  readonly maxLogBytes: number;
}

type Exited = Extract<GroupEnd, { status: "exited" }>;

const SHOWN_CHARACTERS = 2_000;
const LINE_CHARACTERS = 8_192;

/** Resolves when the program and everything it started has gone. */
export function processExecutor(program: Program, host: ProcessHost): Executor {
  return {
    restart: "lost",
    async execute(attempt) {
      try {
        return await run(program, host, attempt);
      } catch (thrown) {
        // A secret that does not exist: another try would not find it either.
        return failed(toFailure(thrown, "validation_error"));
      }
    },
  };
}

async function run(program: Program, host: ProcessHost, attempt: Attempt): Promise<Outcome> {
  const { redact } = host.secrets;
  const { signal } = attempt;
  const end = await spawnGroup({
    argv: program.argv,
    cwd: program.cwd,
    env: JSON.parse(host.secrets.resolve(JSON.stringify(program.env ?? {}))) as Record<string, string>,
    stdin: attempt.input,
    maxStdoutBytes: attempt.maxResultBytes,
    maxStderrBytes: host.maxLogBytes,
    // Redacted before it is cut: half a secret would not be known again.
    onStderr: (line) => attempt.log("info", redact(line).slice(0, LINE_CHARACTERS).toWellFormed()),
    signal,
    graceMs: host.graceMs,
    clock: host.clock,
    marker: {
      store: host.storeId,
      attempt: `${attempt.runId}/${attempt.path}#${attempt.attempt}.${attempt.epoch}`,
      idempotencyKey: attempt.idempotencyKey,
    },
  });
  if (end.status === "unstartable") {
    if (signal.aborted) return failed(toFailure(signal.reason, "cancelled"));
    return failed({ kind: "agent_error", message: `The program could not be started: ${end.problem}.` });
  }
  if (end.left.length > 0) attempt.log("warn", `Processes it started could not be killed: ${end.left.join(", ")}.`);
  return outcome(end, attempt, redact);
}

function outcome(end: Exited, attempt: Attempt, redact: (text: string) => string): Outcome {
  const limit = attempt.maxResultBytes;
  if (end.overflow) return refused("RESULT_TOO_LARGE", { size: `more than ${limit}`, limit });
  // One that was told to stop and did so in good order has not answered `null`.
  const answered = end.code === 0 && !(attempt.signal.aborted && end.stdout.length === 0);
  if (answered) return readDocument(end.stdout, limit, redact);
  const failure = exitFailure(end, redact);
  if (!attempt.signal.aborted) return failed(failure);
  return failed({
    ...toFailure(attempt.signal.reason, "cancelled"),
    ...(failure.data === undefined ? {} : { data: failure.data }),
  });
}

function exitFailure(end: Exited, redact: (text: string) => string): Failure {
  const stderr = redact(end.stderr).trim().slice(-SHOWN_CHARACTERS).toWellFormed();
  const how = end.signal === null ? `exited with code ${end.code}` : `was ended by ${end.signal}`;
  return {
    kind: "agent_error",
    message: `The program ${how}${stderr === "" ? "." : `:\n${stderr}`}`,
    data: { exitCode: end.code, signal: end.signal, stderr },
  };
}
