// A hundred thumbs in a row, in a page with IndexedDB: how long the caller waits, and when all are on disk.
import { spread } from "./measure.mjs";
import { pool } from "./requests.mjs";

const THUMBS = 100;
const ROUNDS = 21;

/** Milliseconds of each round, for the caller and until the last is saved. */
async function rounds(fw, requests, count) {
  const [caller, saved] = [[], []];
  for (let round = 0; round < count; round++) {
    const decisions = Array.from({ length: THUMBS }, (_, at) => fw.rank(requests[(round * THUMBS + at) % requests.length]));
    const start = performance.now();
    let last;
    for (let at = 0; at < THUMBS; at++) last = fw.thumb(decisions[at], at % 3 ? "up" : "down");
    caller.push(performance.now() - start);
    if ((await last.saved) !== "saved") throw new Error("a capture did not reach the disk");
    saved.push(performance.now() - start);
  }
  return { caller, saved };
}

const line = (name, samples) => ({ name, unit: "ms", ...spread(samples) });

/** The caller's time, and the disk's. */
export async function run({ sdk, quick }) {
  const results = [];
  for (const [features, what] of [[3, "three features"], [20, "20 features"]]) {
    const fw = await sdk.Flywheel.open({ app: `captures-${features}` });
    const requests = pool(300, { seed: 5, candidates: 3, features, context: false });
    await rounds(fw, requests, quick ? 1 : 3);
    const { caller, saved } = await rounds(fw, requests, quick ? 1 : ROUNDS);
    await fw.forget();
    await fw.close();
    results.push({
      case: `${THUMBS} thumbs in a row, ${what}`,
      target: { most: 5, unit: "ms" },
      contenders: [line("flywheel", caller), line("until all are on disk", saved)],
    });
  }
  return { results, facts: { thumbs: THUMBS } };
}
