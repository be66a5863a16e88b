/** `tutti doctor`: whether this machine and this store will do, each thing looked at and not assumed. */
import { freeBytes, fileFacts, isWritable, obstacle, standingFolder } from "../../host/disk.ts";
import { ownerOf, storeName } from "../../host/owner.ts";
import { iso } from "../../facets/view.ts";
import { loadProbe } from "../../reading.ts";
import { systemClock } from "../../std/clock.ts";
import type { Context, Verb } from "../context.ts";
import { reach } from "../desk/owner.ts";
import { table } from "../display/table.ts";
import { EXIT } from "../exit.ts";

interface Finding {
  readonly name: string;
  readonly state: "ok" | "warning" | "failed";
  readonly detail: string;
}

const NODE = [20, 19] as const;
const LITTLE_BYTES = 200 * 1024 * 1024;
const SLOW_COMMIT_MS = 50;
/** Before this Tutti was not written. */
const EARLIEST_NOW = Date.UTC(2025, 0, 1);

export const doctor: Verb<object> = async (context) => {
  const store = storeName(context.config.store);
  const findings = [
    checkNode(),
    ...(await checkSqlite(store)),
    await checkStore(store),
    await checkOwner(store),
    checkSpace(store),
    checkClock(store, context),
  ];
  if (context.json) context.printJson({ store, checks: findings });
  else {
    const { out, columns } = context;
    const rows = findings.map(({ name, state, detail }) => [
      { text: out.plain(state), paint: (text: string) => out.painted(text, state) },
      name,
      detail,
    ]);
    context.print(table(["", "WHAT", "FOUND"], rows, out, columns));
  }
  return findings.some(({ state }) => state === "failed") ? EXIT.failure : EXIT.done;
};

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  const detail = `${process.versions.node}${fits ? "" : `; Tutti needs ${NODE.join(".")} or newer`}`;
  return { name: "Node", state: fits ? "ok" : "failed", detail };
}

/** Writes a database of its own where the store is or would be. */
async function checkSqlite(store: string): Promise<readonly Finding[]> {
  const folder = standingFolder(store);
  if (!isWritable(folder)) return [{ name: "folder", state: "failed", detail: `${folder} may not be written` }];
  try {
    const { version, journalMode, synchronous, commitMs } = (await loadProbe()).probeSqlite(folder);
    const slow = commitMs > SLOW_COMMIT_MS;
    return [
      { name: "folder", state: "ok", detail: `${folder} may be written` },
      { name: "SQLite", state: "ok", detail: `${version}, journal_mode ${journalMode}, synchronous ${synchronous}` },
      { name: "disk", state: slow ? "warning" : "ok", detail: `a synced commit takes ${commitMs.toFixed(1)} ms` },
    ];
  } catch (thrown) {
    return [{ name: "SQLite", state: "failed", detail: messageOf(thrown) }];
  }
}

async function checkStore(store: string): Promise<Finding> {
  const problem = obstacle(store);
  if (problem !== undefined) return { name: "store", state: "failed", detail: problem };
  const facts = fileFacts(store);
  if (!facts) return { name: "store", state: "ok", detail: `${store} is not there yet; tutti run makes it` };
  try {
    const { schema, newest, damage } = (await loadProbe()).probeSchema(store);
    const size = `${store}, ${(facts.bytes / 1024 / 1024).toFixed(1)} MB`;
    if (damage !== undefined) return { name: "store", state: "failed", detail: `${size} is damaged: ${damage}` };
    if ((facts.mode & 0o077) !== 0)
      return { name: "store", state: "warning", detail: `${size}, others may open it: chmod 600` };
    const behind = schema < newest ? `; its next owner brings it to ${newest}` : "";
    return { name: "store", state: "ok", detail: `${size}, schema ${schema}${behind}` };
  } catch (thrown) {
    return { name: "store", state: "failed", detail: messageOf(thrown) };
  }
}

async function checkOwner(store: string): Promise<Finding> {
  const owner = ownerOf(store);
  if (!owner) return { name: "owner", state: "ok", detail: "nobody has it open for work" };
  const since = `process ${owner.pid} since ${iso(owner.startedAt)}`;
  if (owner.socket === undefined)
    return { name: "owner", state: "warning", detail: `${since}; it cannot be reached from here` };
  const client = await reach(store, systemClock);
  if (!client) return { name: "owner", state: "failed", detail: `${since}; ${owner.socket} does not answer` };
  await client[Symbol.asyncDispose]();
  return { name: "owner", state: "ok", detail: `${since}, answers at ${owner.socket}` };
}

function checkSpace(store: string): Finding {
  const free = freeBytes(standingFolder(store));
  if (free === undefined) return { name: "space", state: "warning", detail: "the system does not say" };
  const detail = `${(free / 1024 / 1024 / 1024).toFixed(1)} GB free`;
  return { name: "space", state: free < LITTLE_BYTES ? "warning" : "ok", detail };
}

/** Runs compare times over years: a clock that was set back makes waits long. */
function checkClock(store: string, { clock }: Context): Finding {
  const now = clock.now();
  const changedAt = fileFacts(store)?.changedAt ?? 0;
  if (now < EARLIEST_NOW) return { name: "clock", state: "failed", detail: `it says ${iso(now)}` };
  if (changedAt > now + 1_000)
    return {
      name: "clock",
      state: "warning",
      detail: `it says ${iso(now)}, and the store was written ${iso(changedAt)}`,
    };
  return { name: "clock", state: "ok", detail: iso(now) };
}

function messageOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).trimEnd();
}
