/**
 * The load every peer is measured with, and how it answers: one line of JSON. Arguments of a peer's program:
 * `<runs> <steps of each> <runs in flight> <folder of its own> [<variant>]`.
 */
const [runs, steps, inFlight, folder, variant] = process.argv.slice(2);

export const load = { runs: Number(runs), steps: Number(steps), inFlight: Number(inFlight), folder, variant };

/** Warm-up: as many runs as are in flight. Then times `runs` of them; `one` resolves when its run has ended. */
export async function measure(one) {
  await going(load.inFlight, one);
  const started = performance.now();
  await going(load.runs, one);
  console.log(JSON.stringify({ steps: load.runs * load.steps, ms: performance.now() - started }));
}

async function going(count, one) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: load.inFlight }, lane));
}
