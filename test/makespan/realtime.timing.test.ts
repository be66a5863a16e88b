/** Real time: what the engine and the disk add to a schedule. All graphs: test/long/realtime.test.ts. */
import { describe, expect, test } from "vitest";
import { haveCases, readCases } from "./cases.ts";
import { meanRatio, played, told } from "./played.ts";

/** The shortest of 50 and of 100 tasks. */
const STG = ["stg-50-0022", "stg-50-0024", "stg-50-0031", "stg-50-0138", "stg-100-0032", "stg-100-0104"];
const WF = ["wf-blast-blast-chameleon-large-005", "wf-bwa-bwa-chameleon-small-004"];

describe.skipIf(!haveCases)("makespan in real time (skipped where ../shared/cases is absent)", () => {
  // Once more when something else came in between.
  test("six standard task graphs take at most 1.05 of list scheduling", { timeout: 120_000, retry: 1 }, async () => {
    const cases = readCases("stg").filter(({ id }) => STG.includes(id));
    const results = await played(cases, 4);
    console.log("stg, real time:", told(results));
    expect(results).toHaveLength(12);
    expect(meanRatio(results)).toBeLessThanOrEqual(1.05);
  });

  test("two real workflows take at most 1.10 of list scheduling", { timeout: 60_000, retry: 1 }, async () => {
    const cases = readCases("wf").filter(({ id }) => WF.includes(id));
    const results = await played(cases, 1);
    console.log("wf, real time:", told(results));
    expect(results).toHaveLength(4);
    expect(meanRatio(results)).toBeLessThanOrEqual(1.1);
  });
});
