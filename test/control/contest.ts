import type { Place } from "./terminals.ts";

/** So many processes each own the store so many times; the witness, which all of them tell, says in which order. */
export async function contest(
  place: Place,
  processes: number,
  turns: number,
): Promise<{ readonly owned: number; readonly overlaps: readonly string[]; readonly stderr: string }> {
  const all = Array.from({ length: processes }, () => place.terminal("contest", String(turns)));
  const ends = await Promise.all(all.map(({ ended }) => ended));
  const { witness } = place;
  const overlaps: string[] = [];
  for (let at = 0; at < witness.length; at += 2) {
    const [coming = "", going = ""] = witness.slice(at, at + 2);
    if (going !== coming.replace("in ", "out ")) overlaps.push(`${coming}, ${going}`);
  }
  return { owned: witness.length / 2, overlaps, stderr: ends.map(({ stderr }) => stderr).join("") };
}
