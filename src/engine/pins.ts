import type { Pinned } from "../run/pinned.ts";
import { pin } from "../run/pinned.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";

/** One pinned definition for all its runs, for as long as any of them is in memory. */
export class Pins {
  private readonly byHash = new Map<string, WeakRef<Pinned>>();

  pin(hash: string, definition: WorkflowDefinition): Pinned {
    const known = this.byHash.get(hash)?.deref();
    if (known) return known;
    const pinned = pin(definition);
    this.byHash.set(hash, new WeakRef(pinned));
    return pinned;
  }
}
