import { expect, test } from "vitest";
import { InTurn } from "./in-turn.ts";

test("work of one key waits for what was asked before it, also when that failed; other keys do not wait", async () => {
  const inTurn = new InTurn();
  const log: string[] = [];
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const first = inTurn.run("a", async () => {
    await gate;
    log.push("first");
    throw new Error("no luck");
  });
  const second = inTurn.run("a", () => Promise.resolve(log.push("second")));
  await inTurn.run("b", () => Promise.resolve(log.push("other")));
  open();
  await expect(first).rejects.toThrow("no luck");
  await second;
  expect(log).toEqual(["other", "first", "second"]);
});
