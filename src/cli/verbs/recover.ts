/** `tutti recover`: takes up every run that has not ended, and waits for all of them. */
import { isFile } from "../../host/files.ts";
import { storeName } from "../../host/owner.ts";
import type { RunStatus } from "../../run/state.ts";
import { isEndedRun } from "../../run/status.ts";
import { Attendance } from "../attend.ts";
import type { SettledRun } from "../desk/settle.ts";
import { settleOpen } from "../desk/settle.ts";
import { EXIT } from "../exit.ts";
import { Interrupted } from "../failure.ts";
import type { Verb } from "../context.ts";

export const recover: Verb<object> = async (context) => {
  const store = storeName(context.config.store);
  if (!isFile(store)) {
    // Nothing is made to find nothing in it; and nothing is left to do, as on the first start of a machine.
    context.printJson({ runs: [] });
    context.tell(`There is no store ${store}.`);
    return EXIT.done;
  }
  using attendance = new Attendance(context, { concludes: false });
  try {
    const { engine, signal, listeners } = attendance;
    let code: number = EXIT.failure;
    const say = (runs: readonly SettledRun[]): number => {
      context.printJson({ runs });
      if (runs.length === 0) context.tell("No run was open.");
      return exitOf(runs.map(({ status }) => status));
    };
    const settled = async (runs: readonly SettledRun[]): Promise<void> =>
      void (code = await attendance.conclude(() => say(runs)));
    await settleOpen(context.config.store, { engine, signal, ...listeners, settled });
    return code;
  } catch (thrown) {
    attendance[Symbol.dispose]();
    if (thrown instanceof Interrupted) context.tell("Left. Every run is kept as it is. Go on: tutti recover");
    throw thrown;
  }
};

function exitOf(statuses: readonly RunStatus[]): number {
  if (statuses.every(isEndedRun)) return EXIT.done;
  return statuses.includes("stranded") ? EXIT.runStranded : EXIT.runWaits;
}
