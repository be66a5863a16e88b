/** An engine whose disk fails: recorder.mjs with a call made to fail, delayed or refused, and what is left of its store. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSqliteReader } from "../../../src/store/sqlite/open.ts";
import { builtPackage } from "../built.ts";
import { type Traced, underStrace } from "./strace.ts";
import { Promises, wrongWith } from "./verdict.ts";

const RECORDER = fileURLToPath(new URL("recorder.mjs", import.meta.url));
const RUNS = 6;

export interface Aftermath extends Traced {
  /** How often the fault struck. */
  readonly struck: number;
  /** It struck the sync of a folder. */
  readonly struckFolder: boolean;
  /** What was promised after it struck first. */
  readonly promisedAfter: readonly string[];
  /** From its first strike to the end of the process. */
  readonly msAfter: number;
  /** Runs whose end was told before the process ended. */
  readonly told: number;
  /** Times that steps were executed before it ended. */
  readonly executions: readonly string[];
  /** Events of its runs beside those of a run that nothing disturbs. */
  readonly unusual: readonly string[];
  /** What is wrong with the store as it was left, and when all its runs have been brought to their end without faults. */
  readonly wrong: readonly string[];
}

/** `inject`: `fsync:error=EIO:when=7` and the like. */
export async function withFault(inject: string, { programs = false } = {}): Promise<Aftermath> {
  await builtPackage();
  const scratch = mkdtempSync(join(tmpdir(), "tutti-fault-"));
  const [db, notes, trace] = ["new/store.db", "notes", "trace"].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  try {
    const config = JSON.stringify({ kind: "product", programs, db, notes, first: 0, last: RUNS });
    const calls = "trace=pwrite64,write,fsync,fdatasync,ftruncate,exit_group";
    const done = await underStrace(
      ["-ttt", "-y", "-s", "300", "-o", trace, "-e", calls, "-e", `inject=${inject}`],
      [RECORDER, config],
    );
    const told = Promises.in(readFileSync(notes, "utf8"));
    const wrong: string[] = existsSync(db) ? [...(await wrongWith(db, told, { further: true }))] : [];
    const unusual = existsSync(db) ? await unusualIn(db) : [];
    const again = await underStrace(["-o", "/dev/null", "-e", "trace=exit_group"], [RECORDER, config]);
    if (again.code !== 0) wrong.push(`could not go on: ${again.stderr}`);
    const all = Promises.in(readFileSync(notes, "utf8"));
    if (all.outputs.size !== RUNS) wrong.push(`${all.outputs.size} of ${RUNS} runs came to their end`);
    return {
      ...done,
      ...strikesIn(readFileSync(trace, "utf8"), notes),
      told: told.outputs.size,
      executions: told.began,
      unusual,
      wrong: [...wrong, ...(await wrongWith(db, all, { further: false }))],
    };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

const USUAL = /^(run\.(created|started|paused|resumed|completed)|step\.(started|completed))$/;

async function unusualIn(db: string): Promise<readonly string[]> {
  await using reader = await openSqliteReader(db);
  const unusual: string[] = [];
  for (const { id } of (await reader.runs({ limit: 1_000 })).items)
    for (const { type, path } of await reader.events(id, 0, 1_000_000))
      if (!USUAL.test(type)) unusual.push(`${id} ${path ?? ""} ${type}`);
  return unusual;
}

const LINE = /^\d+ +(\d+\.\d+) (.*)$/gm;

function strikesIn(
  trace: string,
  notes: string,
): Pick<Aftermath, "struck" | "struckFolder" | "promisedAfter" | "msAfter"> {
  const lines = Array.from(trace.matchAll(LINE), ([, at, call = ""]) => ({ at: Number(at), call }));
  const first = lines.findIndex(({ call }) => /\((INJECTED|DELAYED)\)$/.test(call));
  if (first === -1) return { struck: 0, struckFolder: false, promisedAfter: [], msAfter: 0 };
  const after = lines.slice(first);
  return {
    struck: after.filter(({ call }) => /\((INJECTED|DELAYED)\)$/.test(call)).length,
    struckFolder: /<[^>]*\/new>/.test(after[0]?.call ?? ""),
    promisedAfter: after
      .map(({ call }) => call)
      .filter((call) => call.includes(`<${notes}>`) && !call.includes("asks")),
    msAfter: ((after.at(-1)?.at ?? 0) - (after[0]?.at ?? 0)) * 1_000,
  };
}
