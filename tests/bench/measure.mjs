// Times several contenders side by side: round after round, each in turn, so that what else the machine does hits all
// of them alike. Runs in Node and in a page.

/** How long and how often; `quick` only shows that everything runs. */
export const PLAN = { rounds: 21, milliseconds: 30, warmUp: 3, mostAtOnce: 4_000 };
export const QUICK = { rounds: 1, milliseconds: 5, warmUp: 1, mostAtOnce: 400 };

let sink = 0;
/** Keeps a result alive, so that no compiler leaves the work out. */
export function use(number) {
  sink = (sink + number) | 0;
}
/** What was kept; printed nowhere, but a compiler cannot know that. */
export const used = () => sink;

/**
 * Times `batch(count)`: it prepares, untimed, and gives the function that does `count` operations. What is left for
 * later, such as storing, is timed by itself.
 */
async function time(contender, count) {
  const work = contender.batch(count);
  const start = performance.now();
  work();
  const end = performance.now();
  await contender.settle?.();
  return { took: end - start, later: performance.now() - end };
}

/** How many operations take about `milliseconds`; finding that out, from `count` on, is also the warm-up. */
async function calibrate(contender, { milliseconds, warmUp, mostAtOnce }, count) {
  const most = contender.most ?? mostAtOnce;
  count = Math.min(count, most);
  for (let round = 0; round < 12; round++) {
    const { took } = await time(contender, count);
    if (took >= milliseconds / 2 || count === most) break;
    count = Math.min(most, Math.ceil(count * Math.min(8, milliseconds / Math.max(took, 0.2))));
  }
  for (let round = 0; round < warmUp; round++) {
    const { took } = await time(contender, count);
    count = Math.max(1, Math.min(most, Math.round((count * milliseconds) / Math.max(took, 0.2))));
  }
  return count;
}

/** The value below which a share of the sorted numbers lies, by linear interpolation. */
export function quantile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/** Median, quartiles and extremes. */
export function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share) => quantile(sorted, share);
  return { median: at(0.5), q1: at(0.25), q3: at(0.75), min: at(0), max: at(1), rounds: sorted.length };
}

/** How the times of one compare with those of another in the same rounds. */
export function ratio(mine, theirs) {
  return { ...spread(mine.map((took, round) => took / theirs[round])), least: Math.min(...mine) / Math.min(...theirs) };
}

/**
 * Microseconds for one operation of each contender, and its ratios to the baselines: round by round, and of the least
 * of all rounds (which a busy machine disturbs least).
 * @param {{ name: string, batch(count: number): () => void, settle?(): unknown, most?: number }[]} contenders
 * @param {string[]} baselines the names of those that the others are compared with
 */
export async function compare(contenders, plan, baselines = []) {
  const counts = contenders.map(() => 20);
  // Twice: the first ones to come were slower while the code that all use was cold.
  for (let pass = 0; pass < 2; pass++) {
    for (const [who, contender] of contenders.entries()) counts[who] = await calibrate(contender, plan, counts[who]);
  }
  const samples = contenders.map(() => []);
  const rests = contenders.map(() => []);
  for (let round = 0; round < plan.rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      // Another one begins each round: whoever comes after a big one inherits its garbage.
      const who = (turn + round) % contenders.length;
      const { took, later } = await time(contenders[who], counts[who]);
      samples[who].push((took * 1_000) / counts[who]);
      rests[who].push((later * 1_000) / counts[who]);
    }
  }
  const ratios = (mine) =>
    Object.fromEntries(
      contenders.flatMap(({ name }, who) => {
        if (!baselines.includes(name) || samples[who] === mine) return [];
        return [[name, ratio(mine, samples[who])]];
      }),
    );
  return contenders.map(({ name, settle }, who) => ({
    name,
    unit: "µs",
    ...spread(samples[who]),
    operations: counts[who],
    ratios: ratios(samples[who]),
    ...(settle && { later: spread(rests[who]) }),
  }));
}
