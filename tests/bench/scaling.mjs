// What makes a call dearer: candidates × features, in proportion; the number of signals ever given, not at all.
import { compare, spread, use } from "./measure.mjs";
import { pool } from "./requests.mjs";
import { settle, trained } from "./trained.mjs";

const SHAPES = [[10, 20], [20, 20], [40, 20], [10, 40]];
const GIVEN = [100, 1_000, 5_000];
const REQUESTS = 100;

const anew = ({ surface, context, candidates }) => ({ surface, context, candidates: candidates.map(({ id, features }) => ({ id, features: { ...features } })) });

function contender(name, requests, work, more = {}) {
  const batch = (count) => {
    const prepared = Array.from({ length: count }, (_, at) => anew(requests[at % requests.length]));
    return () => {
      for (const one of prepared) use(work(one));
    };
  };
  return { name, batch, ...more };
}

/** The slope of log(time) over log(size) by least squares: 1 is in proportion. */
export function exponent(sizes, times) {
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const [mx, my] = [mean(x), mean(y)];
  const over = x.reduce((sum, value, at) => sum + (value - mx) * (y[at] - my), 0);
  return over / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}

async function shapes(sdk, plan) {
  const { fw, gaussian } = await trained(sdk, 1_000);
  const contenders = [];
  for (const [candidates, features] of SHAPES) {
    const requests = pool(REQUESTS, { seed: 41, candidates, features });
    const shape = `${candidates} × ${features}`;
    contenders.push(contender(`flywheel ${shape}`, requests, (one) => fw.rank(one).order.length, { settle: () => settle(fw), most: 500 }));
    contenders.push(contender(`plain ${shape}`, requests, (one) => gaussian.rank(one).length, { most: 500 }));
  }
  const compared = await compare(contenders, plan, [contenders[0].name, contenders[1].name]);
  await fw.close();
  const sizes = SHAPES.map(([candidates, features]) => candidates * features);
  const of = (name) => exponent(sizes, compared.filter((one) => one.name.startsWith(name)).map(({ min }) => min));
  const line = (name) => ({ name, unit: "", ...spread([of(name)]) });
  return [
    { case: "rank by candidates × features, built, five keys of context", contenders: compared.map((one) => ({ ...one, ratios: own(one) })) },
    { case: "exponent of time over candidates × features (of the least times)", target: { most: 1.1, unit: "" }, contenders: [line("flywheel"), line("plain")] },
  ];
}

/** Each one's ratio to the smallest of its own kind. */
function own({ name, ratios }) {
  const base = Object.keys(ratios).find((other) => other.split(" ")[0] === name.split(" ")[0]);
  return base === undefined ? {} : { smallest: ratios[base] };
}

async function given(sdk, plan, counts) {
  const people = [];
  for (const count of counts) people.push({ count, ...(await trained(sdk, count)) });
  const requests = pool(REQUESTS, { seed: 43 });
  const first = `flywheel after ${counts[0]}`;
  const last = `flywheel after ${counts.at(-1)}`;
  const rank = people.map(({ count, fw }) => contender(`flywheel after ${count}`, requests, (one) => fw.rank(one).order.length, { settle: () => settle(fw) }));
  const learn = people.map(({ count, fw }) => ({
    name: `flywheel after ${count}`,
    most: 500,
    settle: () => settle(fw),
    batch: (count) => {
      const decisions = Array.from({ length: count }, (_, at) => fw.rank(requests[at % requests.length]));
      return () => {
        for (let at = 0; at < count; at++) use(fw.thumb(decisions[at], at % 3 ? "up" : "down").id.length);
      };
    },
  }));
  const target = { of: last, to: first, ratio: 1.2 };
  const results = [
    { case: "rank after so many signals", target, contenders: await compare(rank, plan, [first]) },
    { case: "a thumb after so many signals (and those of the rounds)", target, contenders: await compare(learn, plan, [first]) },
  ];
  for (const { fw } of people) await fw.close();
  return results;
}

/** By shape, and by what was said before. */
export async function run({ sdk, plan, quick }) {
  const counts = quick ? GIVEN.map((count) => count / 20) : GIVEN;
  return { results: [...(await shapes(sdk, plan)), ...(await given(sdk, plan, counts))], facts: { signals_before_the_shapes: 1_000 } };
}
