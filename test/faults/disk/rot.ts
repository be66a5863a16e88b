/** T05: single bits turned, or the end cut off, and what comes of it. */
import type { Random } from "../../../src/std/random.ts";
import { answersOf } from "./answers.ts";
import { collect } from "./explore.ts";
import { flipped, type Payload, type Sound, withStore } from "./sound.ts";
import { wrongWith } from "./verdict.ts";

export interface Rot {
  states: number;
  /** The run was named, or the store refused. */
  detected: number;
  /** Nothing was changed by it. */
  harmless: number;
  /** An answer that is not so. */
  readonly wrong: string[];
}

const noRot = (): Rot => ({ states: 0, detected: 0, harmless: 0, wrong: [] });

/** One bit in the text of a row: its run must be named, and a neighbour must not notice. */
export async function rotPayloads(
  sound: Sound,
  bits: Iterable<readonly [Payload, at: number, bit: number]>,
): Promise<Rot> {
  const rot = noRot();
  const ids = [...sound.runs.keys()];
  for (const [{ of, runId, at: from }, at, bit] of bits) {
    const neighbour = ids[(ids.indexOf(runId) + 7) % ids.length] as string;
    const file = flipped(sound.file, from + at, bit);
    const { damaged, wrong, right } = await withStore({ file }, (path) => answersOf(path, sound, [runId, neighbour]));
    const where = `bit ${bit} of byte ${at} in ${of} of ${runId}`;
    if (damaged.has(runId)) rot.detected++;
    if (damaged.has(neighbour) || right < 2) rot.wrong.push(`${where}: a neighbour is said to be damaged`);
    rot.wrong.push(...wrong.map((what) => `${where}: ${what}`));
    await next(rot);
  }
  return rot;
}

/** Any bit of the whole file, or any length of it. */
export async function rotFile(sound: Sound, count: number, random: Random): Promise<Rot> {
  const rot = noRot();
  for (let n = 0; n < count; n++) {
    const at = Math.floor(random() * sound.file.length);
    const file = n % 5 === 0 ? sound.file.subarray(0, at) : flipped(sound.file, at, Math.floor(random() * 8));
    const { damaged, refused, wrong } = await withStore({ file }, (path) => answersOf(path, sound));
    if (wrong.length > 0) rot.wrong.push(`${n % 5 === 0 ? "cut" : "flipped"} at ${at}: ${wrong.join(", ")}`);
    else if (damaged.size + refused > 0) rot.detected++;
    else rot.harmless++;
    await next(rot);
  }
  return rot;
}

/** Any bit of the log of a killed owner: refused, or nothing was lost but what may have been a commit under way. */
export async function rotLog(sound: Sound, count: number, random: Random): Promise<Rot> {
  const rot = noRot();
  for (let n = 0; n < count; n++) {
    const at = Math.floor(random() * sound.log.length);
    const log = flipped(sound.log, at, Math.floor(random() * 8));
    const options = { journals: sound.journals, further: false };
    const wrong = await withStore({ file: sound.emptyFile, log }, (path) => wrongWith(path, sound.promised, options));
    if (wrong.length === 0) rot.harmless++;
    else if (wrong.length === 1 && /STORE_UNUSABLE|of its log is damaged/.test(wrong[0] ?? "")) rot.detected++;
    else rot.wrong.push(`flipped at ${at}: ${wrong.join(", ")}`);
    await next(rot);
  }
  return rot;
}

/** A log that ends early is that of a power cut: an earlier state of the store, and a whole one. */
export async function cutLog(sound: Sound, count: number, random: Random): Promise<Rot> {
  const rot = noRot();
  for (let n = 0; n < count; n++) {
    const log = sound.log.subarray(0, Math.floor(random() * sound.log.length));
    const options = { journals: sound.journals, further: true };
    const wrong = await withStore({ file: sound.emptyFile, log }, (path) => wrongWith(path, sound.asked, options));
    if (wrong.length > 0) rot.wrong.push(`cut at ${log.length}: ${wrong.join(", ")}`);
    else rot.harmless++;
    await next(rot);
  }
  return rot;
}

async function next(rot: Rot): Promise<void> {
  rot.states++;
  if (rot.states % 50 === 0) await collect();
}
