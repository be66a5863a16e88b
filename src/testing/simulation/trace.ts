import { createHash } from "node:crypto";

/** Everything durable and everything executed, in its order: the same seed gives the same trace, always. */
export class Trace {
  private readonly digest = createHash("sha256");
  private lines = 0;
  private readonly kept: string[] | undefined;

  constructor(keep: boolean) {
    this.kept = keep ? [] : undefined;
  }

  add(line: string): void {
    this.lines++;
    this.digest.update(line).update("\n");
    this.kept?.push(line);
  }

  end(): { readonly hash: string; readonly length: number; readonly lines: readonly string[] | undefined } {
    return { hash: this.digest.digest("hex"), length: this.lines, lines: this.kept };
  }
}
