/** The verbs that look: lists, one run, its events and logs, and watching it. */
import { beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder, one, STEPS, WAITING } from "./terminal.ts";

beforeAll(builtPackage, 120_000);

interface Line {
  readonly type: string;
  readonly seq: number;
  readonly time: string;
  readonly [key: string]: unknown;
}

const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

test("lists have pages, filters, ids alone, and a table without hidden characters", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": WAITING, "fail.yaml": one("fail"), go: "" });
  for (const id of ["a", "b"]) await folder.tutti(["run", "flow.yaml", "--run-id", id, "--tag", "t\u202e\u001b[2J"]);
  await folder.tutti(["run", "fail.yaml", "--run-id", "f"]);
  const page = JSON.parse((await folder.tutti(["runs", "list", "--limit", "2", "--json"])).out) as {
    items: { id: string }[];
    nextCursor: string;
  };
  expect(page.items.map(({ id }) => id)).toEqual(["f", "b"]);
  const next = await folder.tutti(["runs", "list", "--limit", "2", "--json", "--cursor", page.nextCursor]);
  expect(JSON.parse(next.out)).toMatchObject({ items: [{ id: "a" }], nextCursor: null });
  const failed = await folder.tutti(["runs", "list", "--status", "failed,stranded", "--quiet"]);
  expect([failed.out, failed.err]).toEqual(["f\n", ""]);
  expect((await folder.tutti(["runs", "list", "--workflow", "waiting", "--quiet"])).out).toBe("b\na\n");
  const { out } = await folder.tutti(["runs", "list"]);
  expect(out).toMatch(/^ID +STATUS +WORKFLOW/);
  expect(out).toContain(String.raw`t\u202e\u001b[2J`);
});

test("one run, its events and its logs; what steps wrote cannot move the cursor", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": WAITING, go: "" });
  await folder.tutti(["run", "flow.yaml", "--run-id", "r"]);
  const { out } = await folder.tutti(["runs", "get", "r"]);
  for (const part of ["completed  r", "waiting@1", "3 of 3 ended (100%)", "last"]) expect(out).toContain(part);

  const events = await folder.tutti(["runs", "events", "r", "--output", "ndjson"]);
  const lines = linesOf(events.out);
  expect(lines.map(({ type }) => type).slice(0, 3)).toEqual(["run.created", "run.started", "step.started"]);
  expect(lines.slice(0, -1).map(({ seq }) => seq)).toEqual(lines.slice(0, -1).map((_, index) => index + 1));
  expect(lines.at(-1)).toMatchObject({ type: "result", runId: "r", status: "completed", events: lines.length - 1 });
  const later = await folder.tutti(["runs", "events", "r", "--from", "2", "--output", "ndjson"]);
  expect(linesOf(later.out)[0]?.seq).toBe(3);

  const logs = await folder.tutti(["runs", "logs", "r", "first", "--output", "ndjson"]);
  expect(linesOf(logs.out)).toEqual([
    expect.objectContaining({ type: "log", seq: 1, path: "first", attempt: 1, level: "info" }),
    expect.objectContaining({ type: "result", lines: 1, status: "completed" }),
  ]);
  expect(linesOf(logs.out)[0]?.["text"]).toBe("logged \u001b[31mred\u202e");
  const text = await folder.tutti(["runs", "logs", "r"]);
  expect(text.out).toContain(String.raw`logged \u001b[31mred\u202e`);
  for (const hidden of ["\u001b", "\u202e"]) expect(logs.out + text.out).not.toContain(hidden);
});

test("watching tells every event and ends as the run does; a wait that is too short exits 8", async () => {
  using folder = new Folder({ "steps.mjs": STEPS, "flow.yaml": WAITING });
  const owner = folder.start(["run", "flow.yaml", "--run-id", "r"]);
  await owner.said("wait running");
  const short = await folder.tutti(["runs", "watch", "r", "--timeout", "50ms", "--json"]);
  expect([short.code, JSON.parse(short.out)]).toMatchObject([8, { status: "running", endedAt: null }]);
  const watching = folder.start(["runs", "watch", "r", "--output", "ndjson"]);
  const following = folder.start(["runs", "events", "r", "--follow", "--output", "ndjson"]);
  const logging = folder.start(["runs", "logs", "r", "--follow"]);
  await Promise.all([watching, following].map(({ child }) => new Promise((seen) => child.stdout?.once("data", seen))));
  folder.write({ go: "" });
  const { code, out } = await watching.done;
  const lines = linesOf(out);
  expect([code, lines.at(-1)]).toMatchObject([0, { type: "result", id: "r", status: "completed", output: {} }]);
  expect(lines.map(({ type }) => type).slice(-2)).toEqual(["run.completed", "result"]);
  const followed = linesOf((await following.done).out);
  expect(followed.slice(0, -1)).toEqual(lines.slice(0, -1));
  expect((await logging.done).out).toContain("first#1  info");
  await owner.done;
});

test("what is not there: exit 5 for a run, 7 for a store, and 7 for what is no store", async () => {
  using folder = new Folder({
    "steps.mjs": STEPS,
    "flow.yaml": one("first"),
    "text.db": "this is a text, not a database",
  });
  await folder.tutti(["run", "flow.yaml"]);
  for (const verb of [["get"], ["watch"], ["events"], ["logs"], ["cancel"], ["pause"]]) {
    const missing = await folder.tutti(["runs", ...verb, "nobody"]);
    expect([missing.code, missing.out, missing.err], verb.join(" ")).toEqual([
      5,
      "",
      "tutti: There is no run nobody in this store.\n",
    ]);
  }
  const noStore = await folder.tutti(["runs", "list", "--store", "none.db", "--json"]);
  expect([noStore.code, JSON.parse(noStore.err)]).toMatchObject([7, { code: "STORE_UNUSABLE", exitCode: 7 }]);
  expect((await folder.tutti(["runs", "list", "--store", "text.db"])).code).toBe(7);
  expect((await folder.tutti(["run", "flow.yaml", "--store", "text.db"])).code).toBe(7);
});
