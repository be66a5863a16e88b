/**
 * The control protocol: one JSON object per line, both ways, over a socket that only the store's user can reach.
 *
 *   owner   {"tutti":"control","version":1,"pid":42}            the first line
 *   client  {"id":1,"verb":"get","run":"run_1"}                 ids grow
 *   owner   {"id":1,"ok":{…}}  or  {"id":1,"error":{"code","data","message"}}
 *   client  {"id":2,"verb":"events","run":"run_1","fromSeq":0}  a stream (also progress)
 *   owner   {"id":2,"item":{…}} …  {"id":2,"done":true}         at most WINDOW items ahead of what was granted:
 *   client  {"id":3,"verb":"more","stream":2,"count":32}
 *   client  {"id":4,"verb":"end","stream":2}                    takes a stream back
 *   owner   {"leaving":true}                                    the last line: ask the next owner
 *
 * What is not a request gets {"error":{…}} and the end of the connection. To hang up is to cancel streams and nothing
 * else.
 */
import { CATALOGUE, TuttiError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";

export const VERSION = 1;
/** Items of a stream under way that its reader has not asked for more of. */
export const WINDOW = 64;

export interface Told {
  readonly code?: ErrorCode;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What an owner says. */
export interface Said {
  readonly tutti?: string;
  readonly version?: number;
  readonly pid?: number;
  readonly leaving?: true;
  readonly id?: number;
  readonly ok?: unknown;
  readonly item?: unknown;
  readonly done?: true;
  readonly error?: Told;
}

export function tell(thrown: unknown): Told {
  if (thrown instanceof TuttiError) return { code: thrown.code, data: thrown.data, message: thrown.message };
  return { message: thrown instanceof Error ? thrown.message : String(thrown) };
}

/** The error as it was on the other side. */
export function heard({ code, data, message }: Told): Error {
  return code !== undefined && Object.hasOwn(CATALOGUE, code) ? new TuttiError(code, data) : new Error(message);
}
