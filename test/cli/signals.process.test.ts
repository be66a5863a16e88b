/** Ctrl-C and SIGTERM: leaving without losing anything, from the process that works and from one that waits. */
import { beforeAll, expect, test } from "vitest";
import { builtPackage } from "../faults/built.ts";
import { Folder, STEPS, WAITING } from "./terminal.ts";

beforeAll(builtPackage, 120_000);

const files = { "steps.mjs": STEPS, "flow.yaml": WAITING };

test("Ctrl-C leaves the run as it is and says how to go on; recover does, and nothing finished runs again", async () => {
  using folder = new Folder(files);
  const going = folder.start(["run", "flow.yaml", "--run-id", "r"]);
  await going.said("wait running");
  going.child.kill("SIGINT");
  const left = await going.done;
  expect([left.code, left.out]).toEqual([130, ""]);
  expect(left.err).toContain("Run r is kept as it is");
  expect(left.err).toContain("tutti recover\n");
  folder.write({ go: "" });
  const recovered = await folder.tutti(["recover"]);
  expect([recovered.code, JSON.parse(recovered.out)]).toEqual([0, { runs: [{ id: "r", status: "completed" }] }]);
  expect(folder.read("witness")).toBe("first\nwait\nwait\nlast\n");
  const nothing = await folder.tutti(["recover"]);
  expect([nothing.code, JSON.parse(nothing.out)]).toEqual([0, { runs: [] }]);
});

test("SIGTERM is the same with 143; run with the same id goes on", async () => {
  using folder = new Folder(files);
  const going = folder.start(["run", "flow.yaml", "--run-id", "r"]);
  await going.said("wait running");
  going.child.kill("SIGTERM");
  expect((await going.done).code).toBe(143);
  folder.write({ go: "" });
  expect(await folder.tutti(["run", "flow.yaml", "--run-id", "r"])).toMatchObject({ code: 0 });
  expect(folder.read("witness")).toBe("first\nwait\nwait\nlast\n");
});

test("the second Ctrl-C quits at once, and the run is recovered all the same", async () => {
  using folder = new Folder(files);
  const going = folder.start(["run", "flow.yaml", "--run-id", "r"], { env: { TUTTI_SHUTDOWN_GRACE: "1h" } });
  await going.said("wait running");
  going.child.kill("SIGINT");
  await going.said("once more to quit at once");
  going.child.kill("SIGINT");
  expect((await going.done).code).toBe(130);
  folder.write({ go: "" });
  expect(await folder.tutti(["recover"])).toMatchObject({ code: 0 });
});

test("Ctrl-C of one that waits for another process leaves the run there", async () => {
  using folder = new Folder(files);
  const owner = folder.start(["run", "flow.yaml", "--run-id", "r"]);
  await owner.said("wait running");
  const waiting = folder.start(["run", "flow.yaml", "--run-id", "r"]);
  await waiting.said(`process ${owner.child.pid} works on this store`);
  waiting.child.kill("SIGINT");
  const left = await waiting.done;
  expect(left.code).toBe(130);
  expect(left.err).toContain(`Run r goes on in process ${owner.child.pid}. Watch it: tutti runs watch r`);
  folder.write({ go: "" });
  expect(await owner.done).toMatchObject({ code: 0 });
  expect(folder.read("witness")).toBe("first\nwait\nlast\n");
});

test("one that waits takes over when the owner is killed", async () => {
  using folder = new Folder(files);
  const owner = folder.start(["run", "flow.yaml", "--run-id", "r"]);
  await owner.said("wait running");
  const waiting = folder.start(["run", "flow.yaml", "--run-id", "r", "--json"]);
  await waiting.said(`process ${owner.child.pid} works on this store`);
  owner.child.kill("SIGKILL");
  await waiting.said("this one goes on");
  folder.write({ go: "" });
  const { code, out } = await waiting.done;
  expect([code, JSON.parse(out)]).toMatchObject([0, { status: "completed" }]);
  expect(folder.read("witness")).toBe("first\nwait\nwait\nlast\n");
});

test("--cancel-on-interrupt cancels first", async () => {
  using folder = new Folder(files);
  const going = folder.start(["run", "flow.yaml", "--run-id", "r", "--cancel-on-interrupt", "--json"]);
  await going.said("wait running");
  going.child.kill("SIGINT");
  const { code, out } = await going.done;
  expect([code, JSON.parse(out)]).toMatchObject([
    130,
    { status: "cancelled", steps: { last: { status: "cancelled" } } },
  ]);
});
