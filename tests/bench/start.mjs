// From import to the first decision, in a page that has just been opened: what loading, compiling and reading the
// storage cost. Files come from loopback and are not cached, nor is compiled code: an upper bound for later visits.
import { ratio, spread } from "./measure.mjs";
import { pool, signals } from "./requests.mjs";
import { quarterFull } from "./weights.mjs";

const ROUNDS = 15;
const SIGNALS = 200;
const APP = "start";

/** In the page: our package, as an app would take it. */
async function ours({ app, request }) {
  const start = performance.now();
  const { Flywheel } = await import("flywheel-sdk");
  const fw = await Flywheel.open({ app });
  const { order } = fw.rank(request);
  const took = performance.now() - start;
  const { signals, version, storage } = fw.status();
  return { took, ranked: order.length, signals, version, storage };
}

/** In the page: another one's bundle. */
async function theirs({ address, request }) {
  const start = performance.now();
  const { open } = await import(address);
  const ranked = (await open()).rank(request).length;
  return { took: performance.now() - start, ranked };
}

/** In the page: leaves a profile behind, of a person who has said something, with everybody's weights. */
async function fill({ app, given, weights }) {
  const { Flywheel } = await import("flywheel-sdk");
  const fw = await Flywheel.open({ app });
  let last;
  for (const { request, liked } of given) last = fw.thumb(fw.rank(request), liked ? "up" : "down");
  await last.saved;
  await fw.close();
  const db = await new Promise((resolve, reject) => {
    const asked = indexedDB.open(`flywheel:${app}`);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const put = db.transaction("meta", "readwrite");
  put.objectStore("meta").put([new Uint8Array(weights)], "weights");
  await new Promise((resolve) => (put.oncomplete = resolve));
  db.close();
}

/** Opens many pages, in turns; `fresh` gives a browser context without a past. */
export async function drive({ origin, fresh, quick, rivals }) {
  const [request] = pool(1, { seed: 51 });
  const visit = async (context, work, words) => {
    const page = await context.newPage();
    await page.goto(`${origin}/page.html`);
    const result = await page.evaluate(work, words);
    await page.close();
    return result;
  };
  const first = (work, words) => () => fresh((context) => visit(context, work, words));
  return fresh(async (profile) => {
    await visit(profile, fill, { app: APP, given: signals(SIGNALS, 53), weights: [...quarterFull()] });
    const contenders = [
      { name: "flywheel, first visit", visit: first(ours, { app: APP, request }) },
      { name: "flywheel, with a profile", visit: () => visit(profile, ours, { app: APP, request }) },
      { name: "plain", visit: first(theirs, { address: "/bench/plain-open.mjs", request }) },
      ...rivals.map(({ name, address }) => ({ name, visit: first(theirs, { address, request }) })),
    ];
    const rounds = quick ? 1 : ROUNDS;
    const samples = contenders.map(() => []);
    for (let round = -1; round < rounds; round++) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const who = (turn + Math.max(round, 0)) % contenders.length;
        const seen = await contenders[who].visit();
        check(contenders[who].name, seen);
        // The first round is the warm-up.
        if (round >= 0) samples[who].push(seen.took);
      }
    }
    const plain = samples[contenders.findIndex(({ name }) => name === "plain")];
    const lines = contenders.map(({ name }, who) => ({
      name,
      unit: "ms",
      ...spread(samples[who]),
      ratios: samples[who] === plain ? {} : { plain: ratio(samples[who], plain) },
    }));
    const [firstVisit, withProfile, ...others] = lines;
    return {
      results: [
        { case: "import → first decision, first visit", target: { of: firstVisit.name, most: 60, unit: "ms" }, contenders: [firstVisit, ...others] },
        {
          case: `the same with a profile: ${SIGNALS} signals, weights in a quarter of 2^18 slots`,
          target: { of: withProfile.name, most: 25, unit: "ms" },
          contenders: [withProfile],
        },
      ],
      facts: { signals: SIGNALS },
    };
  });
}

function check(name, { ranked, signals, version, storage }) {
  const profile = name.includes("profile");
  const right = ranked === 10 && (!name.startsWith("flywheel") || (storage === "indexeddb" && signals === (profile ? SIGNALS : 0) && version === (profile ? 1 : 0)));
  if (!right) throw new Error(`${name} did not start as it should: ${JSON.stringify({ ranked, signals, version, storage })}`);
}
