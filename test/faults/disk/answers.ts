/** What a store answers of its runs, compared with what is so. */
import { isDeepStrictEqual } from "node:util";
import { TuttiError } from "../../../src/errors.ts";
import type { StoreReader } from "../../../src/store/reader.ts";
import { openSqliteReader } from "../../../src/store/sqlite/open.ts";
import type { Sound } from "./sound.ts";

export interface Answers {
  /** Of runs and their journals. */
  right: number;
  /** Runs that were named as damaged. */
  readonly damaged: Set<string>;
  /** Answers that were refused because the store is unusable. */
  refused: number;
  /** What was answered, and is not so. */
  readonly wrong: string[];
}

/** All that is asked of the store at `path`, or only what concerns some of its runs. */
export async function answersOf(path: string, sound: Sound, ids?: readonly string[]): Promise<Answers> {
  const answers: Answers = { right: 0, damaged: new Set(), refused: 0, wrong: [] };
  const ask = async (what: string, isRight: () => Promise<boolean>): Promise<void> => {
    try {
      if (await isRight()) answers.right++;
      else answers.wrong.push(what);
    } catch (thrown) {
      if (thrown instanceof TuttiError && thrown.code === "RUN_DAMAGED")
        answers.damaged.add(String(thrown.data["run"]));
      else if (thrown instanceof TuttiError && thrown.code === "STORE_UNUSABLE") answers.refused++;
      else answers.wrong.push(`${what}: ${String(thrown)}`);
    }
  };
  await ask("opening", async () => {
    await using reader = await openSqliteReader(path);
    for (const id of ids ?? sound.runs.keys()) {
      await ask(`run ${id}`, async () => isDeepStrictEqual(await reader.run(id), sound.runs.get(id)));
      await ask(`journal ${id}`, async () =>
        isDeepStrictEqual(await reader.events(id, 0, 1_000), sound.journals.get(id)),
      );
    }
    await ask("open runs", () => areOpen(reader, sound, answers.damaged));
    return true;
  });
  return answers;
}

/** Those that are open are there, as they are or named as damaged. */
async function areOpen(reader: StoreReader, { runs }: Sound, named: Set<string>): Promise<boolean> {
  const found = await reader.openRuns();
  for (const { runId } of found.damaged) named.add(runId);
  const known = new Set([...found.runs.map(({ id }) => id), ...found.damaged.map(({ runId }) => runId)]);
  const open = [...runs.values()].filter(({ end }) => end === undefined);
  return open.every(({ id }) => known.has(id)) && found.runs.every((run) => isDeepStrictEqual(run, runs.get(run.id)));
}
