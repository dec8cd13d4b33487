// What a decision costs: 10 candidates × 20 string features.
import { PlainMaps } from "./plain-maps.mjs";
import { compare, use } from "./measure.mjs";
import { pool, signals } from "./requests.mjs";
import { agreement, settle, trained } from "./trained.mjs";

const SIGNALS = 3_000;
/** Different requests; none comes again before all others came. */
const REQUESTS = 300;
/** In the last case both learn once for so many decisions. */
const EACH = 20;

/** `count` objects, each parsed or built anew, or the same ones again and again. */
const WAYS = {
  parsed: (all) => {
    const texts = all.map((request) => JSON.stringify(request));
    return (at) => JSON.parse(texts[at % texts.length]);
  },
  built: (all) => (at) => {
    const { surface, context, candidates } = all[at % all.length];
    const anew = candidates.map(({ id, features }) => ({ id, features: { ...features } }));
    return { surface, ...(context && { context: { ...context } }), candidates: anew };
  },
  same: (all) => (at) => all[at % all.length],
  moved: (all) => (at) => ({ ...all[at % all.length], context: all[(at * 7 + Math.floor(at / all.length)) % all.length].context }),
};

const CASES = [
  { name: "parsed from JSON", way: "parsed", context: false, target: 1.2 },
  { name: "built by hand", way: "built", context: false, target: 1.2 },
  { name: "parsed, five keys of context", way: "parsed", context: true, target: 1.2 },
  { name: "built, five keys of context", way: "built", context: true, target: 1.2 },
  { name: "the same objects again", way: "same", context: false, target: 0.5 },
  { name: "the same again, five keys", way: "same", context: true, target: 0.5 },
  { name: "the same candidates, another context", way: "moved", context: true, target: 0.5 },
];

/** Lets a contender rank `count` requests that were prepared before. */
function ranking(name, request, rank, settle) {
  const batch = (count) => {
    const prepared = Array.from({ length: count }, (_, at) => request(at));
    return () => {
      for (const one of prepared) use(rank(one));
    };
  };
  return { name, batch, settle };
}

/** As `ranking`, with something to learn after every `EACH` decisions. */
function rankingAndLearning(name, request, step, settle) {
  const batch = (count) => () => {
    for (let at = 0; at < count; at++) use(step(request(at), at % EACH === EACH - 1, at % 3 === 0));
  };
  return { name, batch, settle };
}

/** Every case, `{ case, contenders }`, and how far the answers agree. */
export async function run({ sdk, plan, quick, rivals = [] }) {
  const given = quick ? SIGNALS / 5 : SIGNALS;
  const { fw, gaussian } = await trained(sdk, given);
  const agreed = agreement(fw, gaussian);
  const maps = new PlainMaps(gaussian);
  const stored = () => settle(fw);
  const others = [];
  for (const { name, open } of rivals) {
    const rival = await open();
    rival.teach(signals(SIGNALS, 11));
    others.push({ name, rank: (request) => rival.rank(request).length });
  }
  const results = [];
  for (const { name, way, context, target } of CASES) {
    const request = WAYS[way](pool(REQUESTS, { seed: 31, context }));
    const contenders = [
      ranking("flywheel", request, (one) => fw.rank(one).order.length, stored),
      ranking("plain", request, (one) => gaussian.rank(one).length),
      ranking("plain, maps", request, (one) => maps.rank(one).length),
      ...others.map(({ name, rank }) => ranking(name, request, rank)),
    ];
    results.push({ case: name, target: { to: "plain", ratio: target }, contenders: await compare(contenders, plan, ["plain", "plain, maps"]) });
  }
  const request = WAYS.same(pool(REQUESTS, { seed: 31 }));
  const chosen = (one, order) => one.candidates.find(({ id }) => id === order[0]);
  const theirs = (one, learn, good) => {
    const order = gaussian.rank(one);
    if (learn) gaussian.learn(one, chosen(one, order), good ? 1 : 0);
    return order.length;
  };
  const ours = (one, learn, good) => {
    const decision = fw.rank(one);
    if (learn) fw.thumb(decision, good ? "up" : "down");
    return decision.order.length;
  };
  const contenders = [rankingAndLearning("flywheel", request, ours, stored), rankingAndLearning("plain", request, theirs)];
  results.push({ case: `the same again, five keys, a thumb after each ${EACH}`, contenders: await compare(contenders, plan, ["plain"]) });
  await fw.close();
  return { results, facts: { signals: given, requests: REQUESTS, ...agreed } };
}
