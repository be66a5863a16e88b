/** One line an attempt wrote with `ctx.log`, or a process wrote on stderr. Kept per attempt, bounded. */
export interface LogLine {
  readonly path: string;
  readonly attempt: number;
  /** ms since 1970. */
  readonly at: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}
