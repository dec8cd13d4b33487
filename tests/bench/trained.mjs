// Two models that were taught the same: Flywheel's and the plain one; and whether they agree.
import { PlainGaussian, PlainSgd } from "./plain.mjs";
import { pool, signals } from "./requests.mjs";

/** Least mean rank correlation of the two orders; s² differs (ours is learned, theirs fixed), and slots are shared. */
const AGREEMENT = 0.95;

/** Opens Flywheel as an app does, but in memory and without its uniform share of random choices. */
export function open(sdk, options = {}) {
  return sdk.Flywheel.open({ app: "bench", storage: "memory", epsilon: 0, seed: 1, ...options });
}

/** Has stored what waits to be stored, so that it does not pile up. There is no nicer way to ask for it without a server. */
export function settle(fw) {
  return fw.consent({});
}

/** Says so many thumbs to both, the same ones. */
export async function teach(fw, plains, given) {
  for (const [at, { request, liked }] of given.entries()) {
    fw.thumb(fw.rank(request), liked ? "up" : "down");
    for (const plain of plains) plain.learn(request, request.candidates[0], liked ? 1 : 0);
    if (at % 500 === 499) await settle(fw);
  }
  await settle(fw);
}

/** Ours, and two plain ones, after so many thumbs. */
export async function trained(sdk, count) {
  const [fw, sgd, gaussian] = [await open(sdk), new PlainSgd(), new PlainGaussian()];
  await teach(fw, [sgd, gaussian], signals(count, 11));
  return { fw, sgd, gaussian };
}

/** Spearman's rank correlation of two orders of the same ids. */
export function correlation(one, other) {
  const place = new Map(other.map((id, at) => [id, at]));
  const squares = one.reduce((sum, id, at) => sum + (at - place.get(id)) ** 2, 0);
  return 1 - (6 * squares) / (one.length * (one.length ** 2 - 1));
}

/** How far the two orders agree over a sample; an error when they are not the same answer. */
export function agreement(fw, plain) {
  const sample = pool(200, { seed: 23 });
  let sum = 0;
  let first = 0;
  for (const request of sample) {
    const [ours, theirs] = [fw.rank(request).order, plain.rank(request)];
    sum += correlation(ours, theirs);
    if (ours[0] === theirs[0]) first++;
  }
  const [mean, same] = [sum / sample.length, first / sample.length];
  if (!(mean >= AGREEMENT)) throw new Error(`the orders agree only to ${mean.toFixed(3)}: that is not the same answer`);
  return { correlation: mean, same_first: same };
}
