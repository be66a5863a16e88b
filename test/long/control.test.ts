/** T15 at length: many more processes than cores want one store. */
import { beforeAll, expect, test } from "vitest";
import { contest } from "../control/contest.ts";
import { Place } from "../control/terminals.ts";
import { builtPackage } from "../faults/built.ts";

beforeAll(builtPackage, 120_000);

test("of fifty processes that want one store there is one owner at a time", { timeout: 600_000 }, async () => {
  using place = new Place();
  expect(await contest(place, 50, 20)).toEqual({ owned: 1_000, overlaps: [], stderr: "" });
});
