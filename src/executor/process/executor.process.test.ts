/** Real programs, most of them bad ones. After each test the process table is read: nothing of them may be left. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { verifies } from "../../../test/verifies.ts";
import { afterEach, describe, expect, test } from "vitest";
import { createSecrets, type Secrets } from "../../host/secrets.ts";
import { systemClock } from "../../std/clock.ts";
import { attemptFor, describeExecutor, failureOf } from "../contract.ts";
import type { Attempt, Outcome } from "../port.ts";
import { redacting } from "../redacting.ts";
import { processExecutor, type Program } from "./executor.ts";

const storeId = `store_test_${process.pid}`;
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const programOf = (program: Program, secrets = createSecrets(), graceMs = 100) =>
  processExecutor(program, { storeId, clock: systemClock, secrets, graceMs, maxLogBytes: 64 * 1024 });
const bad = (name: string, secrets?: Secrets, env: Record<string, string> = {}, graceMs?: number) =>
  programOf({ argv: ["/bin/sh", fixture("bad.sh"), name], env }, secrets, graceMs);
const run = async (name: string, given: Partial<Attempt> = {}): Promise<Outcome> =>
  bad(name).execute(attemptFor(given).attempt);

/** Independent of the code under test: every process that has this store's name in its environment. */
function remaining(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(storeId);
    } catch {
      return false;
    }
  });
}

afterEach(() => expect(remaining()).toEqual([]));

describeExecutor(
  "process",
  (agent) => programOf({ argv: ["/bin/sh", fixture("contract.sh"), agent] }),
  { describe, test },
  { progress: "a program has no channel for it; its stderr is its log" },
);

describe("what a program may print", () => {
  test.each([
    ["nothing", "null"],
    ["blank", "null"],
    ["proto", '{"__proto__":{"polluted":true},"n":1}'],
    ["brackets-in-text", JSON.stringify(`${"[".repeat(1000)}"{{`)],
    ["five-megabytes", JSON.stringify("x".repeat(5_000_000))],
    ["close-stdin", '"deaf"'],
  ])("%s is a result", async (name, json) => {
    const outcome = await run(name, { maxResultBytes: 16 << 20, input: JSON.stringify("y".repeat(1_000_000)) });
    expect(outcome).toEqual({ ok: true, json });
  });

  test.each([
    ["garbage", 'it begins with "<html>502</html>\\n"'],
    ["two-documents", "not one JSON document"],
    ["not-utf8", "it is not UTF-8"],
    ["surrogate", "$.text: a string with a lone surrogate"],
    ["deep", "nesting over 64"],
  ])("%s with exit code 0 is a validation error", verifies("001-F126"), async (name, message) => {
    const failure = failureOf(await run(name));
    expect(failure).toMatchObject({ kind: "validation_error", code: "RESULT_INVALID" });
    expect(failure.message).toContain(message);
  });

  test.each(["two-hundred-megabytes", "print-for-ever"])("%s is stopped at the limit", async (name) => {
    expect(failureOf(await run(name, { maxResultBytes: 16 << 20 }))).toMatchObject({
      kind: "validation_error",
      code: "RESULT_TOO_LARGE",
      data: { size: `more than ${16 << 20}`, limit: 16 << 20 },
    });
  });
});

describe("how a program may end", () => {
  test("a non-zero exit is an agent error with code and stderr, whatever it printed", async () => {
    const failure = failureOf(await run("exit-1"));
    expect(failure).toEqual({
      kind: "agent_error",
      message: "The program exited with code 1:\nfirst line\nthe reason",
      data: { exitCode: 1, signal: null, stderr: "first line\nthe reason" },
    });
  });

  test("death by a signal is an agent error that names it", async () => {
    const failure = failureOf(await run("kill-itself"));
    expect(failure).toMatchObject({ kind: "agent_error", data: { exitCode: null, signal: "SIGKILL" } });
    expect(failure.message).toBe("The program was ended by SIGKILL.");
  });

  test.each([
    [["/no/such/program"], "/no/such/program does not exist"],
    [["no-such-program"], "there is no program no-such-program in PATH"],
    [["./bad.sh"], "./bad.sh is relative"],
    [[fixture("bad.sh")], "may not be executed"],
    [["/bin/true", "a\0b"], "cannot be started: ERR_INVALID_ARG_VALUE"],
    [[], "it names no program"],
    [["/"], "/ may not be executed"],
    [[fixture("no-interpreter.sh")], "no-interpreter.sh names an interpreter that does not exist"],
  ])("%j is an agent error that says why it could not be started", async (argv, why) => {
    const failure = failureOf(await programOf({ argv }).execute(attemptFor().attempt));
    expect(failure.kind).toBe("agent_error");
    expect(failure.message).toContain(why);
  });

  test("a missing working directory is told as such", async () => {
    const outcome = await programOf({ argv: ["true"], cwd: "/no/such/folder" }).execute(attemptFor().attempt);
    expect(failureOf(outcome).message).toContain("its working directory /no/such/folder does not exist");
  });
});

describe("a program that is to stop", () => {
  const stopped = async (name: string, graceMs?: number): Promise<Outcome> => {
    const { attempt, abort, logged } = attemptFor();
    const outcome = bad(name, undefined, {}, graceMs).execute(attempt);
    await logged("ready");
    abort(new Error("not needed any more"));
    return outcome;
  };

  test.each([
    ["hang", "SIGINT"],
    ["hang-with-daemon", "SIGTERM"],
    ["stubborn", "SIGKILL"],
    ["complain-for-ever", "SIGINT"],
  ])("%s ends by %s", verifies("001-F106"), async (name, signal) => {
    const failure = failureOf(await stopped(name));
    expect(failure).toMatchObject({ kind: "cancelled", message: "not needed any more", data: { signal } });
  });

  test("one that stops in good order without an answer has not answered null", async () => {
    expect(failureOf(await stopped("tidy", 20_000)).kind).toBe("cancelled");
  });

  test("one that still answers has its result told", async () => {
    expect(await stopped("late-answer", 20_000)).toEqual({ ok: true, json: '"saved"' });
  });

  test("one that was stopped before it began is never started", async () => {
    const { attempt, abort, lines } = attemptFor();
    abort(new Error("not needed any more"));
    expect(failureOf(await bad("hang").execute(attempt))).toMatchObject({ kind: "cancelled" });
    expect(lines).toEqual([]);
  });
});

describe("what a program leaves behind", () => {
  test.each([
    ["children", '"left two behind"'],
    ["stubborn-children", '"left one behind"'],
    ["grandchildren", '"left a session behind"'],
    ["daemon", '"left a daemon behind"'],
    ["family", '"left forty behind"'],
    ["restless", '"left ten behind"'],
  ])("%s: its result counts and all of them are gone", verifies("001-F106"), async (name, json) => {
    const outcome = await run(name);
    // In the same turn, with nothing in between that could give them time.
    expect(remaining()).toEqual([]);
    expect(outcome).toEqual({ ok: true, json });
  });
});

describe("a program that hides what it leaves behind", () => {
  test("does not hold us up by the pipe it keeps open, and is the one thing we do not find", async () => {
    const outcome = await run("hidden");
    expect(process.kill(Number(outcome.ok && outcome.json), "SIGKILL")).toBe(true);
  });
});

describe("what a program sees and says", () => {
  test("its environment is the allow-list, its own, and its marks", async () => {
    process.env["TUTTI_CANARY"] = "canary";
    const { attempt, lines } = attemptFor({ path: "fan[3]/parse", attempt: 2, epoch: 5 });
    await bad("environment", undefined, { OWN: "mine", TUTTI_STORE_ID: "forged" }).execute(attempt);
    delete process.env["TUTTI_CANARY"];
    const env = new Map(lines.map(({ text }) => [text.split("=", 1)[0], text.slice(text.indexOf("=") + 1)]));
    const shell = ["PWD", "OLDPWD", "SHLVL", "_"];
    const inherited = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ"];
    const rest = [...env.keys()].filter((name) => !shell.includes(name ?? "") && !inherited.includes(name ?? ""));
    expect(new Set(rest)).toEqual(new Set(["OWN", "TUTTI_ATTEMPT", "TUTTI_IDEMPOTENCY_KEY", "TUTTI_STORE_ID"]));
    expect(env.get("TUTTI_STORE_ID")).toBe(storeId);
    expect(env.get("TUTTI_ATTEMPT")).toMatch(/^run_contract\/fan\[3\]\/parse#2\.5@\d+\.\d+$/);
  });

  test("a program is not looked for in the working directory", async () => {
    const cwd = fileURLToPath(new URL("./fixtures", import.meta.url));
    const executor = programOf({ argv: ["no-interpreter.sh"], cwd, env: { PATH: ":.:/usr/bin" } });
    expect(failureOf(await executor.execute(attemptFor().attempt)).message).toContain("there is no program");
  });

  test("an argument is one argument, whatever is in it", async () => {
    const hostile = `$(touch /tmp/x) ; rm -rf "'\` | & > * ~ -rf`;
    const outcome = await programOf({ argv: ["/usr/bin/printf", '"%d"', "1"] }).execute(attemptFor().attempt);
    expect(outcome).toEqual({ ok: true, json: '"1"' });
    const { attempt, lines } = attemptFor();
    await programOf({ argv: ["sh", "-c", 'printf "%s" "$1" >&2', "sh", hostile] }).execute(attempt);
    expect(lines.map((line) => line.text)).toEqual([hostile]);
  });

  test("an endless log is cut, and says so", async () => {
    const { attempt, abort, lines, logged } = attemptFor();
    const outcome = bad("complain-for-ever").execute(attempt);
    await logged("… more was printed; it is not kept");
    abort(new Error("enough"));
    await outcome;
    expect(lines.reduce((sum, line) => sum + line.text.length, 0)).toBeLessThan(200_000);
    expect(lines.at(-1)?.text).toBe("… more was printed; it is not kept");
  });
});

describe("secrets of a program", () => {
  const canary = 'c4nary "quoted" value';
  const leaky = (name: string) => {
    const secrets = createSecrets({ token: canary });
    return redacting(bad(name, secrets, { TOKEN: "secret://token" }), secrets);
  };

  test("they are in its environment and nowhere in what comes back", async () => {
    const { attempt, lines } = attemptFor();
    const outcomes = [
      await leaky("leak").execute(attempt),
      await leaky("leak-and-fail").execute(attempt),
      await leaky("leak-garbage").execute(attempt),
    ];
    const all = JSON.stringify([outcomes, lines]);
    expect(all).not.toContain("c4nary");
    expect(lines.map((line) => line.text)).toEqual(["the token is secret://token", "bad token: secret://token"]);
    expect(failureOf(outcomes[1]!).message).toContain("bad token: secret://token");
    expect(failureOf(outcomes[2]!).message).toContain("token=secret://token");
  });

  test("in a result the name stands for the value", async () => {
    const secrets = createSecrets({ token: "c4nary" });
    const executor = redacting(bad("leak", secrets, { TOKEN: "secret://token" }), secrets);
    expect(await executor.execute(attemptFor().attempt)).toEqual({ ok: true, json: '{"token":"secret://token"}' });
  });

  test("one that does not exist fails the attempt before anything is started", async () => {
    const { attempt, lines } = attemptFor();
    const outcome = await bad("leak", createSecrets(), { TOKEN: "secret://nobody" }).execute(attempt);
    expect(failureOf(outcome)).toMatchObject({ kind: "validation_error", code: "SECRET_UNKNOWN" });
    expect(lines).toEqual([]);
  });
});
