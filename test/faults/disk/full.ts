/** An engine on a small disk of memory, mounted for it alone; a machine that forbids it fails the test. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSqlite } from "../../../src/store/sqlite/open.ts";
import { builtPackage } from "../built.ts";

const SCRIPT = fileURLToPath(new URL("full.mjs", import.meta.url));
const MOUNT = 'mount -t tmpfs -o size=8m none "$1" && exec "$2" "$3" "$1" "$4"';

interface Told {
  readonly promisedWhileFull: number;
  readonly readWhileFull: number;
  readonly refusals: number;
  readonly promised: readonly (readonly [runId: string, length: number])[];
}

export async function onFullDisk(): Promise<Told & { readonly ended: number; readonly wrong: readonly string[] }> {
  await builtPackage();
  const scratch = mkdtempSync(join(tmpdir(), "tutti-full-"));
  try {
    const [disk, copy] = [join(scratch, "disk"), join(scratch, "copy.db")] as const;
    mkdirSync(disk);
    const args = ["-Urm", "sh", "-c", MOUNT, "sh", disk, process.execPath, SCRIPT, copy];
    const done = spawnSync("unshare", args, { encoding: "utf8", timeout: 30_000 });
    if (done.status !== 0)
      throw new Error(
        `no disk of its own (Debian: util-linux, and user namespaces): ${done.error?.message ?? done.stderr}`,
      );
    const told = JSON.parse(done.stdout) as Told;
    const wrong: string[] = [];
    await using store = await openSqlite(copy);
    for (const [id, length] of told.promised) {
      const run = await store.run(id);
      const { output } = run?.instances.at(1) ?? {};
      if (run?.end !== "completed" || !output || (await store.text(output)) !== String(length))
        wrong.push(`lost: ${id}`);
      await store.events(id, 0, 1_000);
    }
    return { ...told, ended: told.promised.length, wrong };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
