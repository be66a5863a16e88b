import { describe, expect, test } from "vitest";
import type { RunEvent } from "../run/events.ts";
import { checkChain, decodeEvent, encodeEvent, UPCASTERS } from "./codec.ts";
import type { Upcasters } from "./codec.ts";

const completed: RunEvent = {
  type: "step.completed",
  seq: 4,
  branch: 0,
  at: 1_000,
  path: "fetch",
  instance: 2,
  attempt: 1,
  epoch: 3,
  data: { output: { json: '{"n":1}' } },
};

describe("events as text", () => {
  test("the whole envelope is written, and nothing that is absent", () => {
    expect(JSON.parse(encodeEvent("run_1", completed, 0).body)).toEqual({
      run: "run_1",
      seq: 4,
      branch: 0,
      path: "fetch",
      instance: 2,
      type: "step.completed",
      version: 1,
      at: 1_000,
      attempt: 1,
      epoch: 3,
      payload: { output: { json: '{"n":1}' } },
    });
    const bare: RunEvent = { type: "run.started", seq: 2, branch: 0, at: 5, data: {} };
    expect(encodeEvent("run_1", bare, 0).body).toBe(
      '{"run":"run_1","seq":2,"branch":0,"type":"run.started","version":1,"at":5,"payload":{}}',
    );
  });

  test("the checksum is of the body and of all before it", () => {
    const [first, second] = [encodeEvent("run_1", completed, 0), encodeEvent("run_1", completed, 1)];
    expect(second.body).toBe(first.body);
    expect(second.crc).not.toBe(first.crc);
    const after = encodeEvent("run_1", { ...completed, seq: 5 }, first.crc);
    expect(checkChain({ seq: 3, crc: 0 }, [first, after])).toEqual([first, after]);
    expect(() => checkChain({ seq: 3, crc: 0 }, [second, after])).toThrow("event 4 does not match its checksum");
    expect(() => checkChain({ seq: 3, crc: 0 }, [after])).toThrow("event 4 is missing");
  });

  test("an event of any older version is read as the newest", () => {
    const upcasters: Upcasters = {
      ...UPCASTERS,
      "step.completed": [
        ({ value, ...rest }) => ({ ...rest, output: { json: JSON.stringify(value) } }),
        (payload) => ({ ...payload, cached: false }),
      ],
    };
    const written = (version: number, payload: object) => {
      const body = JSON.parse(encodeEvent("run_1", completed, 0).body) as object;
      return { seq: 4, crc: 0, body: JSON.stringify({ ...body, version, payload }) };
    };
    const newest = { ...completed, data: { output: { json: '{"n":1}' }, cached: false } };
    expect(decodeEvent("run_1", written(1, { value: { n: 1 } }), upcasters)).toEqual(newest);
    expect(decodeEvent("run_1", written(2, { output: { json: '{"n":1}' } }), upcasters)).toEqual(newest);
    expect(decodeEvent("run_1", written(3, newest.data), upcasters)).toEqual(newest);
    expect(() => decodeEvent("run_1", written(4, {}), upcasters)).toThrow("version 4) was written by a newer Tutti");
  });

  test("an event of a newer Tutti, or of another run or place, is told", () => {
    const row = encodeEvent("run_1", completed, 0);
    const unknown = { ...row, body: row.body.replace("step.completed", "step.teleported") };
    expect(() => decodeEvent("run_1", unknown)).toThrow("step.teleported, version 1) was written by a newer Tutti");
    expect(() => decodeEvent("run_2", row)).toThrow("event 4 is event 4 of run_1");
    expect(() => decodeEvent("run_1", { ...row, seq: 5 })).toThrow("event 5 is event 4 of run_1");
  });
});
