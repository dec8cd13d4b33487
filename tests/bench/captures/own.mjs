// What only ours does while it captures: learning, and keeping a journal.
import { quantile, spread } from "../measure.mjs";

/** Runs in the page: thumbs about decisions made before, and about answers just shown. */
async function inPage({ rounds, journal }) {
  const { Flywheel } = await import("flywheel-sdk");
  const { pool } = await import("/bench/requests.mjs");
  const waited = {};
  for (const features of [3, 20]) {
    const fw = await Flywheel.open({ app: `own-${features}` });
    const requests = pool(300, { seed: 5, candidates: 3, features, context: false });
    const found = (waited[features] = { caller: [], each: [], saved: [] });
    for (let round = -3; round < rounds; round++) {
      const decisions = Array.from({ length: 100 }, (_, at) => fw.rank(requests[((round + 3) * 100 + at) % requests.length]));
      const start = performance.now();
      let last;
      let [before, each] = [start, []];
      for (let at = 0; at < 100; at++) {
        last = fw.thumb(decisions[at], at % 3 ? "up" : "down");
        // The clock of a page ticks too seldom to time a single one.
        if (at % 20 === 19) [each, before] = [[...each, (performance.now() - before) / 20], performance.now()];
      }
      const end = performance.now();
      if ((await last.saved) !== "saved") throw new Error("a capture did not reach the disk");
      if (round < 0) continue;
      found.caller.push(end - start);
      found.each.push(...each.map((milliseconds) => milliseconds * 1_000));
      found.saved.push(performance.now() - start);
    }
    await fw.forget();
    await fw.close();
  }
  const fw = await Flywheel.open({ app: "own-journal" });
  const start = performance.now();
  let last;
  for (let at = 0; at < journal; at++) {
    last = fw.thumb(fw.shown({ surface: "answer", answer: { features: { n: at % 97, word: `word-${at % 53}` } } }), at % 3 ? "up" : "down");
  }
  const said = performance.now() - start;
  if ((await last.saved) !== "saved") throw new Error("the journal did not reach the disk");
  const journalled = performance.now() - start;
  await fw.forget();
  await fw.close();
  return { waited, said, journalled };
}

/** Cases of ours alone. */
export async function own({ origin, fresh, quick }) {
  const journal = quick ? 100 : 10_000;
  const { waited, said, journalled } = await fresh(async (context) => {
    const page = await context.newPage();
    await page.goto(`${origin}/page.html`);
    return page.evaluate(inPage, { rounds: quick ? 1 : 21, journal });
  });
  const line = (name, unit, samples) => ({ name, unit, ...spread(samples) });
  const thumbs = Object.entries(waited).map(([features, { caller, saved }]) => ({
    case: `100 thumbs in a row, ${features} features`,
    target: { most: 5, unit: "ms" },
    contenders: [line("flywheel", "ms", caller), line("until all are on disk", "ms", saved)],
  }));
  const each = Object.values(waited).flatMap(({ each }) => each);
  return [
    ...thumbs,
    {
      case: "a thumb, the caller's time (mean of 20 in a row)",
      target: { of: "99 of 100", most: 100, unit: "µs" },
      contenders: [line("flywheel", "µs", each), line("99 of 100", "µs", [quantile(each.toSorted((a, b) => a - b), 0.99)]), line("the slowest", "µs", [Math.max(...each)])],
    },
    {
      case: `journalling ${journal} entries, until all are on disk`,
      target: { most: 3_000, unit: "ms" },
      contenders: [line("flywheel", "ms", [journalled]), line("of it the caller's time, learning", "ms", [said])],
    },
  ];
}
