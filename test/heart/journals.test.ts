/**
 * Journals as the first version wrote them, each with the rows it left. They are never written anew: what reads them
 * may change, what lies in people's stores does not. A new event gets a new journal beside these.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/run/events.ts";
import { fold } from "../../src/run/evolve.ts";
import { pin } from "../../src/run/pinned.ts";
import { headOf, recordOf } from "../../src/run/records.ts";
import type { InstanceRecord, RunHead } from "../../src/run/records.ts";
import { restoreRun } from "../../src/run/restore.ts";
import { UPCASTERS } from "../../src/store/codec.ts";
import type { WorkflowDefinition } from "../../src/workflow/definition.ts";
import { throughJson } from "./claims.ts";

interface Told {
  readonly what: string;
  readonly definition: WorkflowDefinition;
  readonly events: readonly RunEvent[];
  readonly head: RunHead;
  readonly records: readonly InstanceRecord[];
}

const journals = JSON.parse(readFileSync(new URL("journals.json", import.meta.url), "utf8")) as readonly Told[];

describe("what the first version wrote is read for ever", () => {
  test.each(journals)("the journal of a run that $what", ({ definition, events, head, records }) => {
    const run = fold(head.id, events, pin(definition));
    expect(throughJson(headOf(run))).toEqual(head);
    expect(records.map(({ index }) => throughJson(recordOf(run.instances.at(index))))).toEqual(records);
  });

  test.each(journals)("the rows of a run that $what", ({ definition, head, records }) => {
    const run = restoreRun(head, records, pin(definition));
    expect(throughJson(headOf(run))).toEqual(head);
    expect(records.map(({ index }) => throughJson(recordOf(run.instances.at(index))))).toEqual(records);
  });

  test("they hold every event there is", () => {
    const told = new Set(journals.flatMap(({ events }) => events.map(({ type }) => type)));
    expect([...told].sort()).toEqual(Object.keys(UPCASTERS).sort());
  });
});
